"""What a user holds after load()."""

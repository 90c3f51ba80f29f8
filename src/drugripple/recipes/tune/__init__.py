"""Settings of a network, chosen on validation rows."""

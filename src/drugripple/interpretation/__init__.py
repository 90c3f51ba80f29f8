"""What a trained network says about genes."""

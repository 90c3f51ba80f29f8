"""Stages 0 and 1: pretraining on molecules, then on expression profiles."""

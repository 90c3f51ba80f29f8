"""Predictors that every table shows beside ours, one file each."""

"""Fitting: one task-free loop, and the stages that use it."""

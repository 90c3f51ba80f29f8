"""The ground floor: knows errors only."""

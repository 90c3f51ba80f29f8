"""What only this repository needs: the ledger of measured figures, the pages written from it, and the drawings.

Nothing of it is in the wheel.
"""

"""Screen: a compound library of any length against some samples, in bounded memory."""

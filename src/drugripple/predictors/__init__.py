"""Everything that is fitted on responses and predicts them: baselines, Gaussian processes, the network."""

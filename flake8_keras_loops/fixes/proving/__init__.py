"""What has to be true for the short form of ``reuse``, beside what builds the model."""

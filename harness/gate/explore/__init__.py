"""What runs say besides the verdict, and what decides nothing: where a candidate is worse, which runs are alike."""

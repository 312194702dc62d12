"""Daily demand per item and place: features, model, baselines and back-tests."""

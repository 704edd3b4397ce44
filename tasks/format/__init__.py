"""Format compliance: answers in a form that the prompt sets, short and at length."""

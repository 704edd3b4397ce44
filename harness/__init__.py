"""A long-context evaluation harness: may this model do this work at this context length, instead of that one?"""

__version__ = "0.1.0"

"""Lets the tests of the sub-folders import the helpers of this folder."""

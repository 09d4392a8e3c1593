"""One module for each change of the schema; none is ever changed after a release."""

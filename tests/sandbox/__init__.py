"""The sandbox, served."""

import pytest

# No test module: without this a failed assertion doesn't show its values.
pytest.register_assert_rewrite("tests.sandbox.served")

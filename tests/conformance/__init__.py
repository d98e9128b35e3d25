"""The sandbox's API server beside the real one."""

import pytest

# Cases are no test modules: without this a failed assertion doesn't show its values.
pytest.register_assert_rewrite("tests.conformance.cases")

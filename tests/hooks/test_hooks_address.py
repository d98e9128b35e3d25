"""URLs: what Go's net/url and net/http say of the same texts."""

from __future__ import annotations

import pytest
from yarl import URL

from canary.hooks.address import InvalidUrl, check, redacted, target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("://x", 'parse "://x": missing protocol scheme'),
        (":foo", 'parse ":foo": missing protocol scheme'),
        ("1http://x/", 'parse "1http://x/": first path segment in URL cannot contain colon'),
        ("http://a b/", 'parse "http://a b/": invalid character " " in host name'),
        ("http://ex|a/", 'parse "http://ex|a/": invalid character "|" in host name'),
        ("http://ex{a}/", 'parse "http://ex{a}/": invalid character "{" in host name'),
        ("http://x/%zz", 'parse "http://x/%zz": invalid URL escape "%zz"'),
        ("http://x/a%2", 'parse "http://x/a%2": invalid URL escape "%2"'),
        ("http://x#%zz", 'parse "http://x#%zz": invalid URL escape "%zz"'),
        ("http://%41/", 'parse "http://%41/": invalid URL escape "%41"'),
        ("http://%20/", 'parse "http://%20/": invalid URL escape "%20"'),
        ("http://x:abc/", 'parse "http://x:abc/": invalid port ":abc" after host'),
        ("http://[::1]x/", 'parse "http://[::1]x/": invalid port "x" after host'),
        ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
        ("http://us er@c/", 'parse "http://us er@c/": net/url: invalid userinfo'),
        ("http://x/\x01", 'parse "http://x/\\x01": net/url: invalid control character in URL'),
        ("http://x/\n", 'parse "http://x/\\n": net/url: invalid control character in URL'),
    ],
)
def test_what_does_not_parse(text, said):
    with pytest.raises(InvalidUrl) as refused:
        check(text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'unsupported protocol scheme ""'),
        ("example.com/path", 'unsupported protocol scheme ""'),
        ("//127.0.0.1:1/x", 'unsupported protocol scheme ""'),
        ("/x", 'unsupported protocol scheme ""'),
        ("ftp://x/", 'unsupported protocol scheme "ftp"'),
        ("a:b:c", 'unsupported protocol scheme "a"'),
        ("mailto:a@b", 'unsupported protocol scheme "mailto"'),
        ("http:///x", "http: no Host in request URL"),
        ("http://", "http: no Host in request URL"),
    ],
)
def test_what_nothing_can_be_sent_to(text, said):
    check(text)
    with pytest.raises(ValueError) as refused:
        target(text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "text",
    [
        "http://flagger-loadtester.test/",
        "https://x:8443/gate/check?a=b&c=%2F#top",
        "HTTP://x/",
        "http://x:/",
        "http://u:p@x/",
        "http://[::1]:8080/",
        "http://x/a b?q=%zz",
        "http://a_b/é",
    ],
)
def test_what_is_fine(text):
    check(text)
    target(text)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("/a%20b/x?y=a%20b&z=%2F&e=", "/a%20b/x?y=a%20b&z=%2F&e="),
        ("/a+b/%2f%41?x=a+b&sig=%zz", "/a+b/%2f%41?x=a+b&sig=%zz"),
        ("/a b/é", "/a%20b/%C3%A9"),
        ("", "/"),
    ],
)
def test_path_and_query_are_kept(given, sent):
    assert target(f"http://x{given}").raw_path_qs == sent


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/next?a=b", "http://x:1/next?a=b"),
        ("next", "http://x:1/a/next"),
        ("//y/z", "http://y/z"),
        ("https://y/", "https://y/"),
    ],
)
def test_relative_targets(location, leads_to):
    assert target(location, URL("http://x:1/a/b")) == URL(leads_to)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:s3cret@x/y", "http://user:xxxxx@x/y"),
        ("http://user:a@b@x/", "http://user:xxxxx@x/"),
        ("http://:pw@x/", "http://:xxxxx@x/"),
        ("http://user@x/", "http://user@x/"),
        ("http://x:80/a:b@c", "http://x:80/a:b@c"),
        ("http://x:80?a:b@c", "http://x:80?a:b@c"),
    ],
)
def test_passwords_are_not_shown(text, shown):
    assert redacted(text) == shown


def test_not_even_where_the_url_is_wrong():
    with pytest.raises(InvalidUrl) as refused:
        check("http://user:s3cret@a b/")
    assert "s3cret" not in str(refused.value)
    with pytest.raises(InvalidUrl) as refused:
        check("http://user:s3 cret@x/")
    assert "s3 cret" not in str(refused.value)

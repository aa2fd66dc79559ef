from keywork.monitoring import start_sentry, without_personal_data


def test_an_error_report_loses_everything_that_could_name_a_person():
    event = {
        "request": {
            "url": "https://keywork.example/search/?q=Amelia",
            "method": "GET",
            "query_string": "q=Amelia",
            "data": {"details": "Amelia said"},
            "cookies": {"sessionid": "x"},
            "headers": {"Cookie": "sessionid=x"},
            "env": {"REMOTE_ADDR": "10.0.0.1"},
        },
        "user": {"id": 1, "email": "kim@fold.example.org"},
        "exception": {"values": []},
    }
    assert without_personal_data(event, {}) == {
        "request": {"url": "https://keywork.example/search/", "method": "GET"},
        "exception": {"values": []},
    }


def test_an_error_outside_a_request_is_reported_too():
    assert without_personal_data({"level": "error"}, {}) == {"level": "error"}


def test_without_a_dsn_nothing_is_started():
    assert start_sentry("") is None

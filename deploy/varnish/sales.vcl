# What is the same for everybody: sales, the API's description, problem pages, static parts. HAProxy
# sends nothing else here. Fresh for as long as the node says (a second for sales); a crowd that
# asks for the same page is one request to a node. Live streams do not come this way.
vcl 4.1;

import std;

# By HAProxy on this host, which knows the nodes and repeats what one of them did not answer.
backend nodes {
    .path = "/run/haproxy/origin.sock";
    .connect_timeout = 0.5s;
    # HAProxy gives a node one second before it asks another.
    .first_byte_timeout = 3s;
    .between_bytes_timeout = 2s;
    .probe = {
        .request = "GET /livez HTTP/1.1" "Host: ${DOMAIN}" "Connection: close";
        .interval = 0.5s;
        .timeout = 1.5s;
        .window = 3;
        .threshold = 2;
        # As many as the threshold, or the first second is refused.
        .initial = 2;
    }
}

sub vcl_recv {
    # Asked by HAProxy: whether this program lives, whatever the nodes do.
    if (req.url == "/livez") {
        return (synth(200));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(405));
    }
    # Nothing of one buyer may reach what others are given, and no spelling may miss the cache. (A
    # query that a node has to judge does not come here.)
    unset req.http.Cookie;
    unset req.http.Authorization;
    unset req.http.X-User-Id;
    set req.url = regsub(req.url, "\?.*$", "");
    set req.http.Host = "${DOMAIN}";
    # Varnish has appended the address to what HAProxy had set already.
    set req.http.X-Forwarded-For = client.ip;

    # The stock of a sale is seldom older than its second: whoever comes just after it is answered
    # while the page is fetched, whoever comes later waits for it. When no node answers, what was
    # true a minute ago is better than nothing.
    if (std.healthy(req.backend_hint) && req.restarts == 0) {
        set req.grace = 0.3s;
    } else {
        set req.grace = 60s;
    }
    return (hash);
}

sub vcl_backend_response {
    # These belong to the request that happened to fetch the page.
    unset beresp.http.Set-Cookie;
    unset beresp.http.RateLimit;
    unset beresp.http.RateLimit-Policy;
    unset beresp.http.X-Request-Id;

    if (beresp.status >= 500) {
        # What is there serves on.
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        # Delivered, it would take the place of what is kept.
        return (error(503));
    }
    # Only what is said to be for everybody is kept.
    if (!beresp.http.Cache-Control || beresp.http.Cache-Control ~ "(?i)private|no-store|no-cache"
        || beresp.http.Vary ~ "\*" || beresp.ttl <= 0s) {
        set beresp.uncacheable = true;
        set beresp.ttl = 1s;
        return (deliver);
    }
    set beresp.grace = 60s;
    set beresp.keep = 60s;
    return (deliver);
}

sub vcl_deliver {
    # A node failed before the probe saw it: what was kept is given instead.
    if (resp.status >= 500 && req.restarts == 0) {
        return (restart);
    }
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    return (deliver);
}

sub vcl_backend_error {
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    set beresp.status = 503;
    unset beresp.http.Server;
    set beresp.http.Content-Type = "application/problem+json";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "1";
    set beresp.body = """{"type":"/problems/overloaded","title":"Overloaded","status":503,"""
        + {""detail":"No node answers.","code":"overloaded","request_id":""}
        + bereq.http.X-Request-Id + """","retryable":true}""";
    return (deliver);
}

sub vcl_synth {
    unset resp.http.Server;
    set resp.http.Content-Type = "application/problem+json";
    set resp.http.Cache-Control = "no-store";
    if (resp.status == 200) {
        set resp.http.Content-Type = "application/json";
        set resp.body = """{"status":"live"}""";
    } else if (resp.status == 405) {
        set resp.http.Allow = "GET, HEAD";
        set resp.body = """{"type":"/problems/method_not_allowed","title":"Method not allowed","""
            + """"status":405,"detail":"This path does not answer this method.","""
            + """"code":"method_not_allowed","retryable":false}""";
    } else {
        set resp.status = 503;
        set resp.http.Retry-After = "1";
        set resp.body = """{"type":"/problems/overloaded","title":"Overloaded","status":503,"""
            + """"detail":"No answer could be made.","code":"overloaded","retryable":true}""";
    }
    return (deliver);
}

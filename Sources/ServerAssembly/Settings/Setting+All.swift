import SaleService

extension Setting {
    /// Every setting. What holds where nothing is given stands in `Settings`.
    package static let all = [
        Setting("SECKILL_BIND", \.bind, .address, "host:port", "Where buyers connect."),
        Setting("SECKILL_ADMIN_BIND", \.adminBind, .address, "host:port", "Where operators' tools connect; never to be exposed."),
        Setting(
            "SECKILL_REDIS_URL", \.redisURL, .text, "url",
            "Redis, as redis://HOST:PORT/DB, unix:///PATH?db=DB or redis+sentinel://HOST:PORT,…/NAME/DB.", isSecret: true),
        Setting("SECKILL_DATABASE_URL", \.databaseURL, .text, "url", "Postgres, as a libpq URI or conninfo.", isSecret: true),
        Setting("SECKILL_AUTH", \.auth, .choice(), "scheme", "Who buyers are: jwt or trusted-header."),
        Setting("SECKILL_JWT_SECRET_FILE", \.jwtSecretFile, .text, "file", "The file with the secret of HS256 tokens, at least 32 bytes."),
        Setting("SECKILL_JWKS_FILE", \.jwksFile, .text, "file", "The file with the keys of ES256, RS256 and EdDSA tokens."),
        Setting("SECKILL_JWKS_URL", \.jwksURL, .text, "url", "Where the keys of ES256, RS256 and EdDSA tokens are published."),
        Setting(
            "SECKILL_PAYMENT_SECRET_FILE", \.paymentSecretFile, .text, "file",
            "The file with the secret that payment events are signed with, at least 32 bytes."),
        Setting(
            "SECKILL_OPERATORS_FILE", \.operatorsFile, .text, "file",
            "The file with the operators of the admin port, a line NAME ROLE SHA256 for each: see seckill operator add."),
        Setting(
            "SECKILL_ADMIN_HOSTS", \.adminHosts, .hosts, "hosts",
            "Names of the admin port beside its address and localhost, such as seckill.example.com,ops:9443."),
        Setting(
            "SECKILL_OPERATOR_HEADER", \.operatorHeader, .headerName, "header",
            "How a trusted proxy names the operator whom it has signed in, such as X-Forwarded-User."),
        Setting("SECKILL_LIMIT_PER_USER", \.limitPerUser, .rateLimit, "rate/burst", "Purchases per user: tokens a second / at once, or off."),
        Setting("SECKILL_LIMIT_PER_IP", \.limitPerAddress, .rateLimit, "rate/burst", "Purchases per IP address, or off."),
        Setting("SECKILL_LIMIT_TOTAL", \.limitTotal, .rateLimit, "rate/burst", "Purchases of this node, or off."),
        Setting("SECKILL_LIMIT_ORDERS", \.limitOrders, .rateLimit, "rate/burst", "Looks at orders and cancellations per user, or off."),
        Setting(
            "SECKILL_TRUSTED_PROXIES", \.trustedProxies, .trustedProxies, "addresses",
            "Proxies whose X-Forwarded-For is believed, such as 10.0.0.7,10.1.0.0/16."),
        Setting(
            "SECKILL_PROXY_PROTOCOL", \.usesProxyProtocol, .onOrOff, "on|off",
            "on: connections of the trusted proxies begin with a PROXY header, version 2."),
        Setting(
            "SECKILL_COMMIT_WAIT", \.commitWait, .duration(.milliseconds(1) ... .seconds(25)), "duration",
            "How long a purchase waits for its commit before it is answered 202."),
        Setting(
            "SECKILL_IDLE_TIMEOUT", \.idleTimeout, .duration(.seconds(1) ... .seconds(3_600)), "duration",
            "How long a connection may be without a request, such as 75s."),
        Setting(
            "SECKILL_DRAIN_DELAY", \.drainDelay, .duration(.zero ... .seconds(60)), "duration",
            "How long to go on serving after SIGTERM, while load balancers look elsewhere."),
        Setting(
            "SECKILL_DRAIN_DEADLINE", \.drainDeadline, .duration(.milliseconds(1) ... .seconds(600)), "duration",
            "How long the end may take after that."),
        Setting("SECKILL_QUEUE_CAPACITY", \.queueCapacity, .integer(1...10_000_000), "orders", "Orders that may be between Redis and Postgres."),
        Setting(
            "SECKILL_STREAMS_MAX", \.streamsMax, .integer(0...Limits.streamsSettableMax), "count",
            "Live streams of the stock at once; 0 offers none."),
        Setting("SECKILL_EVENT_LOOPS", \.eventLoops, .integer(1...256), "count", "Threads that serve."),
        Setting("SECKILL_WEBHOOKS_FILE", \.webhooksFile, .text, "file", "The YAML file with the endpoints that events are sent to."),
        Setting("SECKILL_LOG_LEVEL", \.logLevel, .choice(), "level", "trace, debug, info, notice, warning, error or critical."),
        Setting("SECKILL_LOG_FORMAT", \.logFormat, .choice(), "format", "text or json."),
        Setting("SECKILL_ACCESS_LOG", \.accessLog, .accessLog, "which", "Answered requests that get a line: off, errors, all, or so many a second."),
        Setting(
            "SECKILL_CORS_ORIGINS", \.corsOrigins, .origins, "origins",
            "Origins whose pages may call the public port, such as https://shop.example, or * for all."),
        Setting(
            "SECKILL_IDEMPOTENCY_KEY", \.keyRule, .choice(), "whose", "Whose purchases must bear an Idempotency-Key: browsers, required or optional."),
        Setting("SECKILL_STOREFRONT", \.servesStorefront, .onOrOff, "on|off", "on: the pages on which people buy are served; on under seckill up."),
    ]
}

package import HTTPTypes

extension HTTPField.Name {
    package static let seckillSignature = HTTPField.Name("Seckill-Signature")!
    package static let requestID = HTTPField.Name("X-Request-Id")!
    static let traceParent = HTTPField.Name("traceparent")!
    package static let contentTypeOptions = HTTPField.Name("X-Content-Type-Options")!
    package static let contentSecurityPolicy = HTTPField.Name("Content-Security-Policy")!
    static let prefer = HTTPField.Name("Prefer")!
    static let preferenceApplied = HTTPField.Name("Preference-Applied")!
    static let link = HTTPField.Name("Link")!
    package static let rateLimit = HTTPField.Name("RateLimit")!
    package static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
}

extension HTTPFields {
    mutating func tell(_ rateLimit: RateLimitFields) {
        self[.rateLimitPolicy] = rateLimit.policies
        self[.rateLimit] = rateLimit.state
    }
}

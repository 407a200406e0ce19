package import HTTPTypes
package import SaleCore

/// Tells who is asking.
package enum Authenticator: Sendable {
    /// By `X-User-Id`, which a gateway sets and clients cannot.
    case trustedHeader
    /// By a bearer token.
    case jwt(any BearerVerifier)

    package static let userHeader = HTTPField.Name("X-User-Id")!

    package func user(of headers: HTTPFields, now: Timestamp) async throws(AuthFailure) -> UserID {
        switch self {
        case .trustedHeader:
            return try Credentials.trustedUser(in: headers[values: Self.userHeader])
        case .jwt(let verifier):
            let token = try Credentials.bearerToken(in: headers[values: .authorization])
            return try await verifier.verify(bearer: token, now: now)
        }
    }
}

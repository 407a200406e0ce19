package import SaleCore

/// What can be said of a token at once.
package enum BearerVerdict: Sendable, Equatable {
    case user(UserID)
    case refused(AuthFailure)
    /// The token names a key that is not known here; `verify(bearer:now:)` asks the source of the
    /// keys.
    case keyUnknown
}

/// Proves bearer tokens.
package protocol BearerVerifier: Sendable {
    /// Proves `token` without waiting for anything.
    func verdict(onBearer token: String, now: Timestamp) -> BearerVerdict

    /// Proves `token`, asking the source of the keys for newer ones if it has to.
    func verify(bearer token: String, now: Timestamp) async throws(AuthFailure) -> UserID
}

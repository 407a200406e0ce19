import Cryptography
package import HTTPFront
package import SaleCore
import SaleService
import Synchronization

/// Proves bearer tokens: compact JWS with HS256, RS256, ES256 or EdDSA, by a set of keys that may
/// change.
package final class TokenVerifier: BearerVerifier {
    private struct Present {
        var keys: VerificationKeys?
        /// Grows with every other set of keys.
        var generation: UInt64 = 0
    }

    private let present: Mutex<Present>
    private let cache: VerifiedTokenCache
    /// Where newer keys come from; `nil` when the keys never change.
    private let source: KeySource?

    /// - Parameter keys: never change.
    package init(keys: VerificationKeys, tokensMax: Int = Limits.verifiedTokensMax) {
        self.present = Mutex(Present(keys: keys))
        self.cache = VerifiedTokenCache(entriesMax: tokensMax)
        self.source = nil
    }

    /// Has no keys until `source` runs and has read them.
    package init(source: KeySource, tokensMax: Int = Limits.verifiedTokensMax) {
        self.present = Mutex(Present())
        self.cache = VerifiedTokenCache(entriesMax: tokensMax)
        self.source = source
        source.onChange { [weak self] keys in self?.replaceKeys(keys) }
    }

    /// Whether tokens can be proven at all, for readiness.
    package var hasKeys: Bool { present.withLock { $0.keys != nil } }

    /// The user of a token that was proven before and is still valid. Costs one SHA-256.
    package func cachedUser(forBearer token: String, now: Timestamp) -> UserID? {
        guard token.utf8.count <= Limits.tokenBytesMax else { return nil }
        let generation = present.withLock { $0.generation }
        return cache.user(of: SHA256Digest(of: token.utf8.span), generation: generation, now: now)
    }

    /// Proves `token` without waiting for anything: from the cache, else by its signature, some
    /// microseconds for HS256 and up to about 100 for ES256.
    package func verdict(onBearer token: String, now: Timestamp) -> BearerVerdict {
        guard token.utf8.count <= Limits.tokenBytesMax else { return .refused(.tokenTooLong) }
        let digest = SHA256Digest(of: token.utf8.span)
        let (keys, generation) = present.withLock { ($0.keys, $0.generation) }
        if let user = cache.user(of: digest, generation: generation, now: now) { return .user(user) }
        guard let keys else { return .keyUnknown }
        do throws(AuthFailure) {
            guard let claims = try Self.prove(token, with: keys, now: now) else { return .keyUnknown }
            cache.store(claims, of: digest, generation: generation)
            return .user(claims.user)
        } catch {
            return .refused(error)
        }
    }

    /// Proves `token`, asking the source of the keys for newer ones if it has to.
    package func verify(bearer token: String, now: Timestamp) async throws(AuthFailure) -> UserID {
        var verdict = verdict(onBearer: token, now: now)
        if verdict == .keyUnknown, let source {
            await source.refresh()
            verdict = self.verdict(onBearer: token, now: now)
        }
        switch verdict {
        case .user(let user): return user
        case .refused(let failure): throw failure
        case .keyUnknown: throw hasKeys ? .unknownKey : .keysUnavailable
        }
    }

    private func replaceKeys(_ keys: VerificationKeys) {
        present.withLock { present in
            present.keys = keys
            present.generation += 1
        }
    }

    /// - Returns: `nil` when the token names a key that is not in `keys`.
    private static func prove(_ token: String, with keys: VerificationKeys, now: Timestamp) throws(AuthFailure) -> TokenClaims? {
        let bytes = Array(token.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard
            parts.count == 3, let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformedToken }
        switch keys.choose(for: try TokenHeader(headerBytes)) {
        case .unknownKey: return nil
        case .unsupported: throw .unsupportedToken
        case .keys(let keys):
            let signed = bytes[..<parts[1].endIndex]
            guard keys.contains(where: { $0.isValid(signature.span, of: signed.span) }) else { throw .wrongSignature }
            return try TokenClaims(payload, now: now)
        }
    }
}

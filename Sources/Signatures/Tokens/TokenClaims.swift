import HTTPFront
import SaleCore

/// What is read of a token's header before its signature is checked. `jku`, `x5u`, `jwk` and
/// whatever else could bring a key along are not looked at.
struct TokenHeader {
    var algorithm: String
    var keyID: String?

    init(_ bytes: [UInt8]) throws(AuthFailure) {
        var algorithm: String?
        var keyID: String?
        var isWrong = false
        var hasExtensions = false
        do throws(JSONSyntaxError) {
            try bytes.read { name, value in
                switch (name, value) {
                case ("alg", .scalar(.string(let text))): algorithm = text
                case ("kid", .scalar(.string(let text))): keyID = text
                case ("alg", _), ("kid", _): isWrong = true
                // RFC 7515, section 4.1.11: what is critical and not understood refuses the token.
                // No extension is understood here.
                case ("crit", _), ("b64", _): hasExtensions = true
                default: break
                }
            }
        } catch {
            throw .malformedToken
        }
        guard !isWrong, let algorithm else { throw .malformedToken }
        guard !hasExtensions else { throw .unsupportedToken }
        self.algorithm = algorithm
        self.keyID = keyID
    }
}

/// What a token says, once its signature is proven.
struct TokenClaims: Equatable {
    /// How far apart the issuer's clock and ours may be.
    static let leewayMilliseconds: Int64 = 60_000

    var user: UserID
    /// The instant from which the token is refused, leeway included.
    var refusedFrom: Timestamp
}

extension TokenClaims {
    init(_ bytes: [UInt8], now: Timestamp) throws(AuthFailure) {
        var subject: UserID?
        var exp: JSONMember?
        var nbf: JSONMember?
        do throws(JSONSyntaxError) {
            try bytes.read { name, value in
                switch (name, value) {
                case ("sub", .scalar(.string(let text))): subject = UserID(text)
                case ("exp", _): exp = value
                case ("nbf", _): nbf = value
                default: break
                }
            }
        } catch {
            throw AuthFailure(claims: error)
        }
        guard let exp else { throw .noExpiry }
        guard let expiry = Self.milliseconds(exp) else { throw .badExpiry }
        let refusedFrom = Timestamp(milliseconds: expiry + Self.leewayMilliseconds)
        guard now < refusedFrom else { throw .expired }
        if let nbf {
            guard let notBefore = Self.milliseconds(nbf) else { throw .badNotBefore }
            guard now.milliseconds >= notBefore - Self.leewayMilliseconds else { throw .notYetValid }
        }
        guard let subject else { throw .badSubject }
        self.init(user: subject, refusedFrom: refusedFrom)
    }

    /// A NumericDate (RFC 7519, section 2) may have a fraction. Instants beyond the year 9999 are
    /// brought back to it, so that sums cannot overflow.
    ///
    /// - Returns: `nil` for what is no number.
    private static func milliseconds(_ value: JSONMember) -> Int64? {
        guard case .scalar(.number(let number)) = value else { return nil }
        return Int64(min(max(number.double, -1e11), 253_402_300_799) * 1_000)
    }
}

extension AuthFailure {
    /// Why claims cannot be read whose signature is right: whoever made the token is told what of
    /// it is not taken here.
    fileprivate init(claims error: JSONSyntaxError) {
        self =
            switch error.reason {
            case .duplicateMember: .repeatedClaim
            case .tooManyMembers: .tooManyClaims
            case .tooDeep: .claimsTooDeep
            default: .malformedToken
            }
    }
}

extension [UInt8] {
    fileprivate func read(visit: (String, JSONMember) -> Void) throws(JSONSyntaxError) {
        try FlatJSONReader.read(self, visit: visit)
    }
}

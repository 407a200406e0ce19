/// Why a request does not tell who is asking. Says nothing that the sender of a forged token could
/// use.
package enum AuthFailure: Error, Sendable, Equatable, CaseIterable {
    /// No `Authorization`, or no `X-User-Id`.
    case missingCredentials
    /// More than one of them, another scheme, or not what the scheme allows.
    case malformedCredentials
    case tokenTooLong
    /// Not three parts in base64url, or a header or claims that are no JSON object.
    case malformedToken
    /// `none`, an algorithm of another kind of key, or a critical extension.
    case unsupportedToken
    case unknownKey
    case wrongSignature
    case repeatedClaim
    case tooManyClaims
    case claimsTooDeep
    case noExpiry
    /// `exp` is no number.
    case badExpiry
    case expired
    /// `nbf` is no number.
    case badNotBefore
    case notYetValid
    /// `sub` is missing or not 1–128 visible ASCII characters.
    case badSubject
    /// The service has no keys yet, because their source does not answer. Not the client's fault.
    case keysUnavailable

    package var problem: Problem {
        if self == .keysUnavailable {
            return Problem(.recovering, detail: "The keys that prove tokens cannot be read at the moment.", retryAfterSeconds: 5)
        }
        var problem = Problem(.unauthenticated, detail: detail)
        problem.challenge = challenge
        return problem
    }

    /// The value of `WWW-Authenticate` (RFC 6750, section 3).
    package var challenge: String {
        switch self {
        case .missingCredentials, .keysUnavailable: "Bearer realm=\"seckill\""
        case .malformedCredentials: "Bearer realm=\"seckill\", error=\"invalid_request\""
        default: "Bearer realm=\"seckill\", error=\"invalid_token\""
        }
    }

    private var detail: String {
        switch self {
        case .missingCredentials: "The request does not say who is asking."
        case .malformedCredentials: "The request says in more than one way, or in no known way, who is asking."
        case .tokenTooLong: "The token is too long."
        case .malformedToken: "The token is not a signed JWT."
        case .unsupportedToken: "The token is signed in a way that is not taken here."
        case .unknownKey: "The token names a key that is not known."
        case .wrongSignature: "The token's signature does not fit."
        case .repeatedClaim: "The token makes one of its claims twice."
        case .tooManyClaims: "The token has more than \(FlatJSONReader.membersMax) claims."
        case .claimsTooDeep: "The token's claims are nested more than \(JSONScanner.depthMax) deep."
        case .noExpiry: "The token has no expiry: exp is missing."
        case .badExpiry: "The token's exp is not a number: it must be seconds since 1970."
        case .expired: "The token has expired."
        case .badNotBefore: "The token's nbf is not a number: it must be seconds since 1970."
        case .notYetValid: "The token is not valid yet."
        case .badSubject: "The token's subject is not a user id: 1–128 visible ASCII characters."
        case .keysUnavailable: ""
        }
    }
}

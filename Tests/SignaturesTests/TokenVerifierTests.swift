import Cryptography
import SaleCore
import SaleService
import Testing

@testable import HTTPFront
@testable import Signatures

@Suite struct TokenVerifierTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let valid = #"{"sub":"alice","exp":1800000600}"#

    // MARK: Shared secret

    @Test func tokenOfTheSecretNamesItsUser() async throws {
        let signer = TestSigner.hmac()
        #expect(await Self.verify(signer.token(Self.valid)) == .success(Sample.alice))
        #expect(await Self.verify(signer.token(Self.valid, header: #","typ":"JWT","kid":"any""#)) == .success(Sample.alice))
        #expect(
            await Self.verify(signer.token(#"{"exp":1800000600.5,"aud":["a",{"b":1}],"sub":"alice","nbf":1.8e9}"#)) == .success(Sample.alice))
    }

    @Test func tokenOfAnotherSecretIsRefused() async throws {
        let signer = TestSigner.hmac(Array("another secret of thirty-two bytes".utf8))
        #expect(await Self.verify(signer.token(Self.valid)) == .failure(.wrongSignature))
    }

    @Test(arguments: ["none", "None", "NONE", "", "HS384", "hs256", "RS256", "ES256", "PS256"])
    func algorithmIsThatOfTheKey(name: String) async throws {
        let signer = TestSigner.hmac()
        #expect(await Self.verify(signer.token(Self.valid, algorithm: name)) == .failure(.unsupportedToken))
        let unsigned = Base64URL.text("{\"alg\":\"\(name)\"}".utf8) + "." + Base64URL.text(Self.valid.utf8) + "."
        #expect(await Self.verify(unsigned) == .failure(.unsupportedToken))
    }

    @Test func signatureMustBeThere() async throws {
        let token = TestSigner.hmac().token(Self.valid)
        let unsigned = token.prefix(through: token.lastIndex(of: ".")!)
        #expect(await Self.verify(String(unsigned)) == .failure(.wrongSignature))
    }

    @Test(arguments: [
        (#"{"sub":"alice"}"#, AuthFailure.noExpiry),
        (#"{"sub":"alice","exp":null}"#, .badExpiry),
        (#"{"sub":"alice","exp":"1800000600"}"#, .badExpiry),
        (#"{"sub":"alice","exp":[1800000600]}"#, .badExpiry),
        (#"{"sub":"alice","exp":1800000600,"nbf":null}"#, .badNotBefore),
        (#"{"sub":"alice","exp":1800000600,"nbf":"1"}"#, .badNotBefore),
        (#"{"sub":"alice","exp":1800000600,"nbf":{}}"#, .badNotBefore),
        (#"{"sub":"alice","exp":1799999940}"#, .expired),
        (#"{"sub":"alice","exp":-1e300}"#, .expired),
        (#"{"sub":"alice","exp":1800000600,"nbf":1800000061}"#, .notYetValid),
        (#"{"sub":"alice","exp":1800000600,"nbf":1e300}"#, .notYetValid),
        (#"{"exp":1800000600}"#, .badSubject),
        (#"{"sub":"","exp":1800000600}"#, .badSubject),
        (#"{"sub":"a b","exp":1800000600}"#, .badSubject),
        (#"{"sub":7,"exp":1800000600}"#, .badSubject),
        (#"{"sub":null,"exp":1800000600}"#, .badSubject),
        (#"{"sub":["alice"],"exp":1800000600}"#, .badSubject),
        (#"{"sub":"alice","sub":"mallory","exp":1800000600}"#, .repeatedClaim),
        (#"{"sub":"alice","exp":1800000600,"x":1,"x":1}"#, .repeatedClaim),
        (claims(65), .tooManyClaims),
        (#"{"sub":"alice","exp":1800000600,"x":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}", .claimsTooDeep),
        (#"["alice"]"#, .malformedToken),
        ("", .malformedToken),
    ])
    func claimsAreChecked(payload: String, failure: AuthFailure) async throws {
        #expect(await Self.verify(TestSigner.hmac().token(payload)) == .failure(failure))
    }

    @Test(arguments: [#"{"sub":"alice","exp":1799999941}"#, #"{"sub":"alice","exp":1800000600,"nbf":1800000060}"#, #"{"sub":"alice","exp":1e300}"#])
    func leewayIsOneMinute(payload: String) async throws {
        #expect(await Self.verify(TestSigner.hmac().token(payload)) == .success(Sample.alice))
    }

    @Test(arguments: [#","crit":["exp"],"exp":1"#, #","crit":[]"#, #","b64":false"#])
    func criticalExtensionsAreRefused(header: String) async throws {
        #expect(await Self.verify(TestSigner.hmac().token(Self.valid, header: header)) == .failure(.unsupportedToken))
    }

    @Test(arguments: ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30", "e30=.e30.e30", "!.e30.e30", "eyJhbGciOjF9.e30.e30", "🎁"])
    func whatIsNoTokenIsMalformed(token: String) async {
        #expect(await Self.verify(token) == .failure(.malformedToken))
    }

    @Test func longTokenIsRefusedUnread() async throws {
        let token = TestSigner.hmac().token("{\"sub\":\"alice\",\"exp\":1800000600,\"pad\":\"\(String(repeating: "a", count: 1 << 20))\"}")
        #expect(await Self.verify(token) == .failure(.tokenTooLong))
    }

    @Test func secretNeedsThirtyTwoBytesBesidesItsLineEnd() async throws {
        #expect(throws: AuthSettingsError.self) { try VerificationKeys.secret(fileBytes: Array(TestSigner.secret.dropLast()) + [0x0A]) }
        #expect(try VerificationKeys.secret(fileBytes: TestSigner.secret + [0x0D, 0x0A]) == TestSigner.secret)
        let keys = try VerificationKeys.hmac(secretFileBytes: TestSigner.secret + [0x0A])
        let token = TestSigner.hmac().token(Self.valid)
        #expect(TokenVerifier(keys: keys).verdict(onBearer: token, now: Self.now) == .user(Sample.alice))
    }

    // MARK: Public keys

    @Test func keyIsNotUsedForAnotherAlgorithm() async throws {
        let key = SigningKey()
        let verifier = TokenVerifier(keys: try VerificationKeys.jwks(TestJWKS.set(TestJWKS.edDSA(key, id: "k"))))
        for token in [TestSigner.hmac(key.publicKey), .edDSA(key)].map({ $0.token(Self.valid, header: #","kid":"k""#, algorithm: "ES256") }) {
            #expect(verifier.verdict(onBearer: token, now: Self.now) == .refused(.unsupportedToken))
        }
        let token = TestSigner.hmac(key.publicKey).token(Self.valid, header: #","kid":"k""#)
        #expect(verifier.verdict(onBearer: token, now: Self.now) == .refused(.unsupportedToken))
    }

    @Test(arguments: ["other", "../../dev/null", "' OR 1=1"])
    func unknownKeyIsNotGuessed(id: String) async throws {
        let key = SigningKey()
        let verifier = TokenVerifier(keys: try VerificationKeys.jwks(TestJWKS.set(TestJWKS.edDSA(key, id: "k"))))
        let token = TestSigner.edDSA(key).token(Self.valid, header: ",\"kid\":\"\(id)\"")
        #expect(verifier.verdict(onBearer: token, now: Self.now) == .keyUnknown)
        await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: token, now: Self.now) }
    }

    @Test func keyInTheTokenItselfIsNotUsed() async throws {
        let own = SigningKey()
        let forged = SigningKey()
        let verifier = TokenVerifier(keys: try VerificationKeys.jwks(TestJWKS.set(TestJWKS.edDSA(own, id: "k"))))
        let jwk = TestJWKS.edDSA(forged, id: "k")
        let header = ",\"kid\":\"k\",\"jwk\":\(jwk),\"jku\":\"http://127.0.0.1:1/\",\"x5u\":\"http://127.0.0.1:1/\""
        let token = TestSigner.edDSA(forged).token(Self.valid, header: header)
        #expect(verifier.verdict(onBearer: token, now: Self.now) == .refused(.wrongSignature))
    }

    @Test func unusableKeysArePassedOver() async throws {
        let key = SigningKey()
        let set = TestJWKS.set(
            #"{"kty":"oct","kid":"s","k":"AAAA"}"#, #"{"kty":"OKP","crv":"Ed25519","kid":"o","x":"AAAA"}"#, #"{"kty":"EC","crv":"P-999","kid":"x"}"#,
            "17", #"{"kty":"RSA","kid":"small","n":"AQAB","e":"AQAB"}"#, TestJWKS.edDSA(key, id: "enc", more: #","use":"enc""#),
            TestJWKS.edDSA(key, id: "sign", more: #","key_ops":["sign"]"#), TestJWKS.edDSA(key, id: "es", more: #","alg":"ES256""#),
            TestJWKS.edDSA(key, id: "e"))
        #expect(try VerificationKeys.jwks(set).keys.map(\.id) == ["e"])
    }

    @Test(arguments: ["", "{}", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#])
    func setWithoutAUsableKeyIsASettingsError(text: String) async {
        #expect(throws: AuthSettingsError.self) { try VerificationKeys.jwks(Array(text.utf8)) }
    }

    @Test func setHasABound() async {
        #expect(throws: AuthSettingsError.self) {
            try VerificationKeys.jwks(Array(repeating: UInt8(ascii: " "), count: VerificationKeys.setBytesMax + 1))
        }
    }

    // MARK: Cache

    @Test func provenTokenIsRememberedUntilItExpires() async throws {
        let verifier = TokenVerifier(keys: try VerificationKeys.hmac(secretFileBytes: TestSigner.secret))
        let token = TestSigner.hmac().token(Self.valid)
        #expect(verifier.cachedUser(forBearer: token, now: Self.now) == nil)
        #expect(verifier.verdict(onBearer: token, now: Self.now) == .user(Sample.alice))
        #expect(verifier.cachedUser(forBearer: token, now: Self.now) == Sample.alice)
        #expect(verifier.cachedUser(forBearer: token, now: Timestamp(milliseconds: 1_800_000_659_999)) == Sample.alice)
        #expect(verifier.cachedUser(forBearer: token, now: Timestamp(milliseconds: 1_800_000_660_000)) == nil)
        #expect(verifier.verdict(onBearer: token, now: Timestamp(milliseconds: 1_800_000_660_000)) == .refused(.expired))
    }

    @Test func refusedTokenIsNotRemembered() async throws {
        let verifier = TokenVerifier(keys: try VerificationKeys.hmac(secretFileBytes: TestSigner.secret))
        let token = TestSigner.hmac().token(#"{"sub":"alice","exp":1}"#)
        _ = verifier.verdict(onBearer: token, now: Self.now)
        #expect(verifier.cachedUser(forBearer: token, now: Self.now) == nil)
    }

    @Test func cacheHasABound() {
        let cache = VerifiedTokenCache(entriesMax: 512)
        for index in 0..<5_000 {
            let claims = TokenClaims(user: Sample.alice, refusedFrom: Self.now.advanced(milliseconds: Int64(index)))
            cache.store(claims, of: Self.digest("token \(index)"), generation: 0)
        }
        #expect(cache.count <= 512)
        #expect(cache.count > 400)
        #expect(cache.user(of: Self.digest("token 4999"), generation: 0, now: Self.now) == Sample.alice)
    }

    @Test func asManyClaimsAsAreTakenAreTaken() async {
        #expect(await Self.verify(TestSigner.hmac().token(Self.claims(64))) == .success(Sample.alice))
    }

    private static func claims(_ count: Int) -> String {
        #"{"sub":"alice","exp":1800000600"# + (2..<count).map { ",\"claim-\($0)\":\($0)" }.joined() + "}"
    }

    private static func digest(_ token: String) -> SHA256Digest { SHA256Digest(of: token.utf8.span) }

    private static func verify(_ token: String) async -> Result<UserID, AuthFailure> {
        do throws(AuthFailure) {
            guard let keys = try? VerificationKeys.hmac(secretFileBytes: TestSigner.secret) else { return .failure(.keysUnavailable) }
            return .success(try await TokenVerifier(keys: keys).verify(bearer: token, now: now))
        } catch {
            return .failure(error)
        }
    }
}

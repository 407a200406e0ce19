import Foundation
import HTTPFront
import Logging
import ServiceLifecycle
import Signatures

/// How this service proves who is asking, and what must run for it.
struct Authentication {
    let authenticator: Authenticator
    let services: [any Service]
    let hasKeys: @Sendable () -> Bool

    /// - Throws: `StartError.setting` when the settings name no key, more than one source of keys,
    ///   or a file that cannot be used.
    init(_ settings: Settings, logger: Logger) throws(StartError) {
        switch settings.auth {
        case .trustedHeader:
            self.init(authenticator: .trustedHeader, services: [], hasKeys: { true })
        case .jwt:
            let sources = [settings.jwtSecretFile, settings.jwksFile, settings.jwksURL].compactMap(\.self)
            guard sources.count == 1 else {
                throw .setting(
                    SettingsError(
                        "SECKILL_AUTH=jwt wants exactly one of SECKILL_JWT_SECRET_FILE, SECKILL_JWKS_FILE and SECKILL_JWKS_URL, not \(sources.count)")
                )
            }
            if let url = settings.jwksURL {
                guard let parsed = URL(string: url), ["http", "https"].contains(parsed.scheme), parsed.host != nil else {
                    throw .setting(SettingsError("SECKILL_JWKS_URL must be an http or https URL"))
                }
                let source = KeySource(url: parsed, logger: logger)
                let verifier = TokenVerifier(source: source)
                self.init(authenticator: .jwt(verifier), services: [source], hasKeys: { verifier.hasKeys })
            } else {
                let verifier = TokenVerifier(keys: try Self.keys(settings))
                self.init(authenticator: .jwt(verifier), services: [], hasKeys: { true })
            }
        }
    }

    private init(authenticator: Authenticator, services: [any Service], hasKeys: @escaping @Sendable () -> Bool) {
        self.authenticator = authenticator
        self.services = services
        self.hasKeys = hasKeys
    }

    /// `nil` when no secret is set.
    static func paymentSignature(_ settings: Settings) throws(StartError) -> PaymentSignature? {
        guard let path = settings.paymentSecretFile else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path).map(Array.init) else {
            throw .setting(SettingsError("SECKILL_PAYMENT_SECRET_FILE cannot be read: \(path)"))
        }
        do {
            return try PaymentSignature(secretFileBytes: bytes)
        } catch {
            throw .setting(SettingsError("SECKILL_PAYMENT_SECRET_FILE (\(path)): \(error)"))
        }
    }

    private static func keys(_ settings: Settings) throws(StartError) -> VerificationKeys {
        let (name, path) =
            settings.jwtSecretFile.map { ("SECKILL_JWT_SECRET_FILE", $0) } ?? ("SECKILL_JWKS_FILE", settings.jwksFile ?? "")
        guard let bytes = FileManager.default.contents(atPath: path).map(Array.init) else {
            throw .setting(SettingsError("\(name) cannot be read: \(path)"))
        }
        do {
            return settings.jwtSecretFile != nil
                ? try VerificationKeys.hmac(secretFileBytes: bytes) : try VerificationKeys.jwks(bytes)
        } catch {
            throw .setting(SettingsError("\(name) (\(path)): \(error)"))
        }
    }
}

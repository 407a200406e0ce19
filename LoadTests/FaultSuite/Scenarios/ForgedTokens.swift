import Cryptography
import Foundation
import NIOHTTP1

extension Scenario {
    static let forgedTokens = [
        Scenario(
            "T35", "tokens: unsigned, confused, expired, forged, with keys of their own, a flood of unknown key ids, publisher down",
            bar: "0 accepted, at most 2 key fetches a minute", tokens)
    ]

    private static func tokens(_ trial: Trial) async throws {
        try await sharedSecret(trial)
        try await publishedKeys(trial)
    }

    private static func sharedSecret(_ trial: Trial) async throws {
        let cell = try trial.cell("hs256")
        let secret = Array("a secret of this trial, with 40 bytes...".utf8)
        let file = "\(cell.directory)/jwt-secret"
        try Data(secret).write(to: URL(filePath: file))
        let settings = ["SECKILL_AUTH": "jwt", "SECKILL_JWT_SECRET_FILE": file]
        try await withStack(cell, StackPlan(sale: SalePlan(stock: 100), settings: settings)) { stack in
            let node = stack.nodes[0]
            let claims = TestToken.claims("mallory")
            let good = TestToken.hs256(TestToken.claims("ann"), secret: secret)
            let parts = good.split(separator: ".")
            let bad: [(String, String)] = [
                ("alg none", "\(Base64URL.text("{\"alg\":\"none\"}".utf8)).\(Base64URL.text(claims.utf8))."),
                ("alg None with a signature", TestToken.hs256(claims, secret: secret, header: "{\"alg\":\"None\"}")),
                ("alg HS512", TestToken.hs256(claims, secret: secret, header: "{\"alg\":\"HS512\"}")),
                ("another secret", TestToken.hs256(claims, secret: Array("another secret, also of forty bytes.....".utf8))),
                ("an empty secret", TestToken.hs256(claims, secret: [0])),
                ("no signature", "\(parts[0]).\(parts[1])."), ("other claims", "\(parts[0]).\(Base64URL.text(claims.utf8)).\(parts[2])"),
                ("expired", TestToken.hs256(TestToken.claims("mallory", expiresIn: -120), secret: secret)),
                ("no expiry", TestToken.hs256("{\"sub\":\"mallory\"}", secret: secret)),
                (
                    "not valid yet",
                    TestToken.hs256(TestToken.claims("mallory", more: ",\"nbf\":\(Int(Date().timeIntervalSince1970) + 600)"), secret: secret)
                ),
                ("no subject", TestToken.hs256("{\"exp\":9999999999}", secret: secret)),
                ("two subjects", TestToken.hs256("{\"sub\":\"ann\",\"sub\":\"mallory\",\"exp\":9999999999}", secret: secret)),
                ("a critical extension", TestToken.hs256(claims, secret: secret, header: "{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}")),
                ("1 MB", TestToken.hs256(TestToken.claims("mallory", more: ",\"x\":\"\(String(repeating: "x", count: 1 << 20))\""), secret: secret)),
                ("three dots", "..."), ("nothing", ""),
            ]
            try await refused(trial, node, bad)
            let answer = try await buy(node, good)
            trial.answered(answer?.summary ?? "no answer")
            trial.check("good_token_is_accepted", answer?.status == 201, answer?.summary ?? "no answer")
            try await noOrder(trial, stack)
        }
    }

    private static func publishedKeys(_ trial: Trial) async throws {
        let cell = try trial.cell("eddsa")
        let (first, foreign) = (SigningKey(), SigningKey())
        let publisher = try await KeyPublisher.start(TestToken.keySet([("first", first)]))
        let settings = ["SECKILL_AUTH": "jwt", "SECKILL_JWKS_URL": publisher.url]
        try await withStack(cell, StackPlan(sale: SalePlan(stock: 100), settings: settings)) { stack in
            let node = stack.nodes[0]
            func header(_ id: String, _ more: String = "") -> String { "{\"alg\":\"EdDSA\",\"kid\":\"\(id)\"\(more)}" }
            let claims = TestToken.claims("mallory")
            // RFC 8410, section 4: what stands before the 32 bytes of every such key.
            let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
            let pem = "-----BEGIN PUBLIC KEY-----\n\(Data(prefix + first.publicKey).base64EncodedString())\n-----END PUBLIC KEY-----\n"
            let set = TestToken.keySet([("first", foreign)])
            let bad: [(String, String)] = [
                (
                    "HS256 with the public key's PEM",
                    TestToken.hs256(claims, secret: Array(pem.utf8), header: "{\"alg\":\"HS256\",\"kid\":\"first\"}")
                ),
                (
                    "HS256 with the public key's bytes",
                    TestToken.hs256(claims, secret: first.publicKey, header: "{\"alg\":\"HS256\",\"kid\":\"first\"}")
                ),
                ("a foreign key under a known id", TestToken.edDSA(claims, key: foreign, header: header("first"))),
                ("an id that is a path", TestToken.edDSA(claims, key: foreign, header: header("../../../../dev/null"))),
                (
                    "a key of its own: jwk",
                    TestToken.edDSA(claims, key: foreign, header: header("own", ",\"jwk\":\(set.dropFirst(9).dropLast(2))"))
                ),
                ("keys of its own: jku", TestToken.edDSA(claims, key: foreign, header: header("own", ",\"jku\":\"\(publisher.url)\""))),
                ("a chain of its own: x5u", TestToken.edDSA(claims, key: foreign, header: header("own", ",\"x5u\":\"\(publisher.url)\""))),
            ]
            try await refused(trial, node, bad)
            let good = try await buy(node, TestToken.edDSA(TestToken.claims("ann"), key: first, header: header("first")))
            trial.check("good_token_is_accepted", good?.status == 201, good?.summary ?? "no answer")
            // A flood of ids that nobody knows.
            let before = publisher.requests
            let flood = trial.scaled(200, atLeast: 40)
            trial.injected("\(flood) tokens with random key ids")
            try await refused(
                trial, node,
                (0..<flood).map { _ in ("random id", TestToken.edDSA(claims, key: foreign, header: header("id-\(trial.pick(0...999_999_999))"))) }
            )
            trial.figure("key_fetches_in_flood", Double(publisher.requests - before))
            trial.check("few_key_fetches", publisher.requests <= 3, "\(publisher.requests) in all, \(publisher.requests - before) during the flood")
            trial.injected("publisher of the keys down")
            await publisher.stop()
            let later = try await buy(node, TestToken.edDSA(TestToken.claims("bob"), key: first, header: header("first")))
            trial.answered(later?.summary ?? "no answer")
            trial.check("known_keys_outlive_their_publisher", later?.status == 201, later?.summary ?? "no answer")
            try await noOrder(trial, stack)
        }
        await publisher.stop()
    }

    private static func buy(_ node: NodeProcess, _ token: String) async throws -> Answer? {
        try await withWebClient { client in
            try? await client.send(
                .POST, "\(node.base)/v1/sales/flash/orders", headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
                body: "{\"sku\":\"unit\",\"quantity\":1}")
        }
    }

    private static func refused(_ trial: Trial, _ node: NodeProcess, _ tokens: [(name: String, token: String)]) async throws {
        for (name, token) in tokens {
            trial.injected("token: \(name)")
            // A token that is too large may be answered by the end of the connection.
            guard let answer = try await buy(node, token) else {
                trial.check("forged_tokens_are_refused", node.isRunning, "\(name): connection ended")
                continue
            }
            trial.answered(answer.summary)
            trial.check("forged_tokens_are_refused", [400, 401, 431].contains(answer.status), "\(name): \(answer.summary)")
        }
    }

    private static func noOrder(_ trial: Trial, _ stack: Stack) async throws {
        let books = try await SaleBooks.read(stack)
        let forged = books.orders.filter { $0.user == "mallory" }
        trial.check("no_order_of_a_forger", forged.isEmpty, "\(forged.count) of \(books.orders.count) orders")
    }
}

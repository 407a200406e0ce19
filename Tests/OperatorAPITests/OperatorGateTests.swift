import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import SaleService
import Testing

@testable import HTTPFront
@testable import OperatorAPI

@Suite struct OperatorGateTests {
    private static let (ada, wall, eve) = (OperatorToken(), OperatorToken(), OperatorToken())
    private static let file = "ada operator \(ada.digest)\nwall viewer \(wall.digest)\nroot admin \(OperatorToken().digest)\n"

    private static func gate(
        _ file: String? = file, bind: String = "127.0.0.1", isLoopback: Bool = true, proxyHeader: String? = nil, proxies: String? = nil
    ) throws -> OperatorGate {
        let operators = try file.map { try OperatorList($0) }
        return OperatorGate(
            OperatorGate.Configuration(
                operators: { operators }, hosts: AdminHosts(bind: bind), isLoopback: isLoopback, proxyHeader: proxyHeader,
                proxies: proxies.flatMap { TrustedProxies($0) }))
    }

    /// Who was let in; `nil` for nobody in particular.
    private static func ask(
        _ gate: OperatorGate, _ method: HTTPRequest.Method = .get, _ path: String = "/admin/v1/sales", host: String? = "127.0.0.1:9090",
        token: String? = nil, peer: String = "127.0.0.1", fields: [(String, String)] = []
    ) throws -> Operator? {
        var headers = HTTPFields(fields.map { HTTPField(name: .init($0.0)!, value: $0.1) })
        if let token { headers[.authorization] = "Bearer \(token)" }
        let channel = EmbeddedChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: peer, port: 50_000)
        let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: headers)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var context = FrontContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        try gate.admit(Request(head: head, body: RequestBody(buffer: ByteBuffer())), &context)
        return context.caller
    }

    private static func refusal(_ ask: () throws -> Operator?) throws -> Problem { try #require(throws: Problem.self) { try ask() } }

    @Test func `a token's holder is let in, as far as his role goes`() throws {
        let gate = try Self.gate()
        #expect(try Self.ask(gate, token: Self.ada.text)?.name == "ada")
        #expect(try Self.ask(gate, .post, token: Self.ada.text)?.role == .operator)
        #expect(try Self.ask(gate, token: Self.wall.text)?.name == "wall")
        for method in [HTTPRequest.Method.post, .put, .patch, .delete, .init("BREW")!] {
            #expect(try Self.refusal { try Self.ask(gate, method, token: Self.wall.text) }.code == .forbidden)
        }
    }

    @Test func `without a token nobody is let in where a file names operators`() throws {
        let refusal = try Self.refusal { try Self.ask(try Self.gate()) }
        #expect(refusal.code == .unauthenticated)
        #expect(refusal.challenge == "Bearer realm=\"seckill-admin\"")
        #expect(try Self.refusal { try Self.ask(try Self.gate("")) }.code == .unauthenticated)
    }

    @Test func `without a file whoever is on the machine reads and nobody writes`() throws {
        let gate = try Self.gate(nil)
        #expect(try Self.ask(gate)?.role == .viewer)
        #expect(try Self.refusal { try Self.ask(gate, .post) }.code == .unauthenticated)
        #expect(try Self.refusal { try Self.ask(gate, .post, token: Self.ada.text) }.code == .unauthenticated)
        #expect(try Self.refusal { try Self.ask(gate, token: Self.ada.text) }.code == .unauthenticated)
        let open = try Self.gate(nil, bind: "10.0.0.7", isLoopback: false)
        #expect(try Self.refusal { try Self.ask(open, host: "10.0.0.7:9090") }.code == .unauthenticated)
    }

    @Test func `a file may let whoever is on the machine read without a token, and nobody write`() throws {
        let gate = try Self.gate("anonymous viewer *\n" + Self.file)
        #expect(gate.admitsReadersWithoutToken)
        #expect(try Self.ask(gate)?.role == .viewer)
        #expect(try Self.refusal { try Self.ask(gate, .post) }.code == .unauthenticated)
        #expect(try Self.ask(gate, .post, token: Self.ada.text)?.name == "ada")
        let open = try Self.gate("anonymous viewer *", bind: "10.0.0.7", isLoopback: false)
        #expect(!open.admitsReadersWithoutToken)
        #expect(try Self.refusal { try Self.ask(open, host: "10.0.0.7:9090") }.code == .unauthenticated)
    }

    /// Each request has the faults of those behind it, too.
    @Test func `host, site, token and role are looked at in this order`() throws {
        let gate = try Self.gate()
        let foreign = [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")]
        #expect(
            try Self.refusal { try Self.ask(gate, .post, host: "evil.example", token: Self.eve.text, fields: foreign) }.code == .misdirectedRequest)
        #expect(try Self.refusal { try Self.ask(gate, .post, token: Self.eve.text, fields: foreign) }.detail?.contains("another site") == true)
        #expect(try Self.refusal { try Self.ask(gate, .post, token: Self.eve.text) }.code == .unauthenticated)
        #expect(try Self.refusal { try Self.ask(gate, .post, token: Self.wall.text) }.code == .forbidden)
        #expect(try Self.ask(gate, .post, "/admin/v1/nowhere", token: Self.ada.text) != nil)
    }

    @Test(arguments: ["/metrics", "/console/", "/console/app.js", "/", "/problems/closed", "/admin/openapi.json", "/admin/v1/sales"])
    func `only its own hosts are answered`(path: String) throws {
        let gate = try Self.gate(nil)
        for host in ["evil.example:9090", "127.0.0.1.evil.example", nil] {
            #expect(try Self.refusal { try Self.ask(gate, .get, path, host: host) }.code == .misdirectedRequest)
        }
        #expect(try Self.refusal { try Self.ask(gate, .get, path, fields: [("Host", "evil.example")]) }.code == .misdirectedRequest)
        #expect(throws: Never.self) { try Self.ask(gate, .get, path) }
    }

    @Test(arguments: ["/livez", "/readyz"])
    func `a probe may call the node as it likes`(path: String) throws {
        #expect(try Self.ask(try Self.gate(), .get, path, host: "app1") == nil)
    }

    @Test(arguments: [
        [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "Same-Origin")],
        [("Origin", "http://evil.example")], [("Origin", "null")], [("Origin", "http://127.0.0.1:8080")], [("Origin", "")],
        [("Origin", "http://127.0.0.1:9090"), ("Origin", "http://evil.example")],
        [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://127.0.0.1:9090")],
    ])
    func `a page of another site is refused`(fields: [(String, String)]) throws {
        let gate = try Self.gate()
        for method in [HTTPRequest.Method.get, .post] {
            #expect(try Self.refusal { try Self.ask(gate, method, token: Self.ada.text, fields: fields) }.code == .forbidden)
        }
    }

    @Test(arguments: [
        [], [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://127.0.0.1:9090")], [("Sec-Fetch-Site", "none")],
        [("Origin", "http://127.0.0.1:9090")], [("Origin", "https://127.0.0.1:9090")],
    ])
    func `its own page and programs are not`(fields: [(String, String)]) throws {
        #expect(try Self.ask(try Self.gate(), .post, token: Self.ada.text, fields: fields)?.name == "ada")
    }

    @Test func `wrong tokens are limited per address, right ones never`() throws {
        let gate = try Self.gate()
        for _ in 0..<10 { #expect(try Self.refusal { try Self.ask(gate, token: Self.eve.text) }.code == .unauthenticated) }
        let refusal = try Self.refusal { try Self.ask(gate, token: Self.eve.text) }
        #expect(refusal.code == .rateLimited && (1...60).contains(refusal.retryAfterSeconds ?? 0))
        #expect(refusal.extras == [.violatedPolicies(["tokens"])])
        let headers = refusal.response(requestID: .number(1)).headers
        #expect(headers[.rateLimitPolicy] == "\"tokens\";q=10;w=60")
        #expect(headers[.rateLimit] == "\"tokens\";r=0;t=\(refusal.retryAfterSeconds ?? 0)")
        #expect(try Self.refusal { try Self.ask(gate) }.code == .unauthenticated)
        #expect(try Self.ask(gate, token: Self.ada.text) != nil)
        #expect(try Self.refusal { try Self.ask(gate, token: Self.eve.text, peer: "127.0.0.2") }.code == .unauthenticated)
    }

    @Test(arguments: ["Basic YTpi", "Bearer", "Bearer  ", "sko_x"])
    func `other credentials are none`(value: String) throws {
        #expect(try Self.refusal { try Self.ask(try Self.gate(nil), fields: [("Authorization", value)]) }.code == .unauthenticated)
    }

    @Test func `two credentials are none`() throws {
        let values = [("Authorization", "Bearer \(Self.ada.text)"), ("Authorization", "Bearer \(Self.wall.text)")]
        #expect(try Self.refusal { try Self.ask(try Self.gate(), fields: values) }.code == .unauthenticated)
    }

    @Test func `a trusted proxy names its user, whose role the file says`() throws {
        let gate = try Self.gate(proxyHeader: "X-Forwarded-User", proxies: "10.0.0.9")
        #expect(try Self.ask(gate, .post, peer: "10.0.0.9", fields: [("X-Forwarded-User", "ada")])?.role == .operator)
        #expect(try Self.refusal { try Self.ask(gate, .post, peer: "10.0.0.9", fields: [("X-Forwarded-User", "wall")]) }.code == .forbidden)
        for fields in [[("X-Forwarded-User", "eve")], [("X-Forwarded-User", "")], [("X-Forwarded-User", "ada"), ("X-Forwarded-User", "ada")], []] {
            #expect(try Self.refusal { try Self.ask(gate, peer: "10.0.0.9", fields: fields) }.code == .unauthenticated)
        }
    }

    @Test func `nobody else's word is taken for it`() throws {
        let user = [("X-Forwarded-User", "ada")]
        let gate = try Self.gate(proxyHeader: "X-Forwarded-User", proxies: "10.0.0.9")
        #expect(try Self.refusal { try Self.ask(gate, peer: "10.0.0.8", fields: user) }.code == .unauthenticated)
        #expect(try Self.refusal { try Self.ask(try Self.gate(proxies: "10.0.0.9"), peer: "10.0.0.9", fields: user) }.code == .unauthenticated)
    }
}

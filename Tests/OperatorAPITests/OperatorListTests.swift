import SaleCore
import SaleService
import Testing

@testable import OperatorAPI

@Suite struct OperatorListTests {
    private static let digest = String(repeating: "0a", count: 32)

    @Test func `a token is its holder's, and no other is anybody's`() throws {
        let (ada, wall) = (OperatorToken(), OperatorToken())
        let list = try OperatorList("# people\n\nada operator \(ada.digest)\r\n  wall\tviewer  \(wall.digest)\n")
        #expect(list.holder(ofToken: ada.text) == Operator(name: "ada", role: .operator))
        #expect(list.holder(ofToken: wall.text) == Operator(name: "wall", role: .viewer))
        for wrong in ["", String(ada.text.dropLast()), ada.text + "A", String(ada.text.dropFirst(4)), ada.digest, ada.text.uppercased()] {
            #expect(list.holder(ofToken: wrong) == nil, "\(wrong)")
        }
    }

    /// As `printf %s "$token" | sha256sum` has it.
    @Test func `a digest is over the whole token in lower case`() throws {
        let list = try OperatorList("ada admin 8d66a0e2b77a65cb3ec50fc3a5f2b9a69ad8fb96a1fcd9a2a4a5b5d4e7bce7d2\n")
        #expect(list.named("ada")?.role == .admin)
        let token = OperatorToken()
        #expect(token.text.hasPrefix("sko_") && token.text.utf8.count == 4 + 43)
        #expect(token.digest.count == 64 && token.digest == token.digest.lowercased())
        #expect(OperatorToken().text != token.text)
    }

    @Test func `while a token takes the place of another, both are good`() throws {
        let (old, new) = (OperatorToken(), OperatorToken())
        let list = try OperatorList("ada viewer \(old.digest)\nada viewer \(new.digest)")
        #expect(list.holder(ofToken: old.text) == list.holder(ofToken: new.text))
    }

    @Test func `an empty file names nobody`() throws {
        #expect(try OperatorList("").holder(ofToken: OperatorToken().text) == nil)
    }

    @Test(arguments: [
        ("ada operator", "must be a name"), ("ada operator \(digest) x", "must be a name"), ("ada root \(digest)", "the role"),
        ("ada Operator \(digest)", "the role"), ("-ada viewer \(digest)", "the name"), ("a;b viewer \(digest)", "the name"),
        ("ada viewer \(digest.uppercased())", "the SHA-256"), ("ada viewer \(digest.dropLast())", "the SHA-256"),
        ("ada viewer \(digest)0", "the SHA-256"), ("ada viewer sko_\(digest.dropFirst(4))", "the SHA-256"),
        ("eve viewer \(digest)\nada viewer \(digest)", "somebody's"),
        ("ada viewer \(digest)\nada admin \(String(repeating: "0b", count: 32))", "another role"),
    ])
    func `a bad line is named`(text: String, reason: String) throws {
        let error = try #require(throws: OperatorList.BadLine.self) { try OperatorList("# one\n" + text) }
        #expect(error.line == text.count { $0 == "\n" } + 2)
        #expect(error.reason.contains(reason), "\(error)")
    }
}

@Suite struct FailedTokensTests {
    private static func at(_ seconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: 1_000_000_000_000 + seconds * 1_000_000_000) }

    @Test func `ten a minute of an address are looked at`() {
        let failed = FailedTokens()
        for _ in 0..<10 { #expect(failed.count("10.0.0.1", at: Self.at(0)) == nil) }
        #expect(failed.count("10.0.0.1", at: Self.at(20)) == 41)
        #expect(failed.count("10.0.0.2", at: Self.at(20)) == nil)
        #expect(failed.count("10.0.0.1", at: Self.at(60)) == nil)
    }

    @Test func `what is remembered is bounded, and nobody starts anew by it`() {
        let failed = FailedTokens(addressesMax: 2)
        for address in ["a", "b"] { #expect(failed.count(address, at: Self.at(0)) == nil) }
        for other in 0..<10 { #expect(failed.count("c\(other)", at: Self.at(1)) == nil) }
        #expect(failed.count("c10", at: Self.at(1)) != nil)
        #expect(failed.count("c11", at: Self.at(61)) == nil)
    }
}

@Suite struct AdminHostsTests {
    private static let hosts = AdminHosts(bind: "10.0.0.7", others: ["Ops.example.com", "ops:9443"])

    @Test(arguments: ["10.0.0.7", "10.0.0.7:9090", "localhost", "LOCALHOST:1", "ops.example.com:80", "ops:9443"])
    func `its own names are answered`(authority: String) {
        #expect(Self.hosts.contain(authority, local: nil))
    }

    @Test(arguments: [
        "", "evil.example", "10.0.0.7.evil.example", "ops", "ops:9444", "localhost.", "localhost:", "localhost:x", "localhost:123456", "10.0.0.8",
        "[::1]", "user@localhost", "localhost/..", "xlocalhost",
    ])
    func `no other name is`(authority: String) {
        #expect(!Self.hosts.contain(authority, local: nil))
    }

    @Test func `the address that the connection came to is its own`() throws {
        let hosts = AdminHosts(bind: "0.0.0.0")
        let local = try NIOSocketAddress.address("10.1.2.3")
        #expect(hosts.contain("10.1.2.3:9090", local: local))
        #expect(!hosts.contain("10.1.2.4:9090", local: local))
        #expect(AdminHosts(bind: "::").contain("[::1]:9090", local: try NIOSocketAddress.address("::1")))
    }

    @Test func `a file may let whoever is on the machine read`() throws {
        #expect(try OperatorList("anonymous viewer *\n").admitsReadersWithoutToken)
        #expect(try !OperatorList("").admitsReadersWithoutToken)
        #expect(throws: OperatorList.BadLine.self) { try OperatorList("anonymous operator *") }
        #expect(throws: OperatorList.BadLine.self) { try OperatorList("ada viewer *") }
    }
}

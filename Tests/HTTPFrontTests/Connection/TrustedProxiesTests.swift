import Logging
import Testing

@testable import HTTPFront

@Suite struct TrustedProxiesTests {
    @Test(arguments: [
        "", ",", "10.0.0.1,", ",10.0.0.1", "10.0.0.1, 10.0.0.2", " 10.0.0.1", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1/", "10.0.0.1/33",
        "10.0.0.0/+8",
        "10.0.0.0/08", "10.0.0.0/8/8", "0.0.0.0/0", "::/0", "10.0.0.1/8", "10.1.0.0/15", "2001:db8::1/32", "2001:db8::/129", "[::1]", "::1%lo",
        "fe80::1%1", "proxy",
        "10.0.0.1:80", "10.0.0.1\u{0}", "١٠.0.0.1", "0x0a.0.0.1", "167772161", "127.1",
    ])
    func whatIsNoListOfAddressesIsRefused(text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.1/32", "10.0.0.0", false),
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
        ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false), ("192.168.1.128/25", "192.168.1.127", false),
        ("192.168.1.128/25", "192.168.1.128", true), ("128.0.0.0/1", "200.1.2.3", true), ("128.0.0.0/1", "127.0.0.1", false),
        ("10.0.0.1,10.0.0.9", "10.0.0.9", true), ("::1", "::1", true), ("::1", "0:0:0:0:0:0:0:1", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false), ("2001:db8::/33", "2001:db8:8000::", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("10.0.0.0/8", "::10.1.2.3", false), ("::ffff:10.0.0.1", "10.0.0.1", true), ("10.0.0.0/8", "", false), ("10.0.0.0/8", "unknown", false),
    ])
    func aBlockHoldsItsAddressesAndNoOthers(text: String, address: String, isTrusted: Bool) throws {
        #expect(try #require(TrustedProxies(text)).contains(address) == isTrusted)
    }

    struct Case: CustomTestStringConvertible {
        var headers: [String]
        var client: String

        var testDescription: String { "\(headers)" }
    }

    private static let peer = "10.0.0.1"

    @Test(arguments: [
        Case(headers: [], client: peer),
        Case(headers: ["203.0.113.7"], client: "203.0.113.7"),
        // What the client sent itself stands before what the proxy appended.
        Case(headers: ["198.51.100.1, 203.0.113.7"], client: "203.0.113.7"),
        Case(headers: ["10.0.0.2, 203.0.113.7"], client: "203.0.113.7"),
        Case(headers: ["rubbish, 203.0.113.7"], client: "203.0.113.7"),
        Case(headers: [String(repeating: "1.1.1.1,", count: 500) + "203.0.113.7"], client: "203.0.113.7"),
        // Through a second proxy of ours.
        Case(headers: ["198.51.100.1, 203.0.113.7, 10.0.0.2"], client: "203.0.113.7"),
        Case(headers: ["203.0.113.7,10.0.0.3,10.0.0.2"], client: "203.0.113.7"),
        Case(headers: ["203.0.113.7\t ,  10.0.0.2  "], client: "203.0.113.7"),
        // Several headers are one list.
        Case(headers: ["198.51.100.1", "203.0.113.7"], client: "203.0.113.7"),
        Case(headers: ["203.0.113.7", "10.0.0.3, 10.0.0.2"], client: "203.0.113.7"),
        // Nobody but proxies.
        Case(headers: ["10.0.0.2"], client: peer), Case(headers: ["10.0.0.3, 10.0.0.2"], client: peer),
        // No address where one must be.
        Case(headers: [""], client: peer), Case(headers: ["203.0.113.7,"], client: peer), Case(headers: ["203.0.113.7", ""], client: peer),
        Case(headers: ["203.0.113.7, unknown"], client: peer), Case(headers: ["203.0.113.7, , 10.0.0.2"], client: peer),
        // A port is a connection's, and left out.
        Case(headers: ["203.0.113.7:4711"], client: "203.0.113.7"), Case(headers: ["198.51.100.1, 203.0.113.7:1"], client: "203.0.113.7"),
        Case(headers: ["[2001:db8::7]"], client: "2001:db8::7"), Case(headers: ["[2001:db8::7]:65535"], client: "2001:db8::7"),
        Case(headers: ["203.0.113.7, 10.0.0.2:443"], client: "203.0.113.7"), Case(headers: ["203.0.113.7, [fd00::1]:443"], client: "203.0.113.7"),
        Case(headers: ["203.0.113.7:"], client: peer), Case(headers: ["203.0.113.7:a"], client: peer),
        Case(headers: ["203.0.113.7:123456"], client: peer),
        Case(headers: ["203.0.113.7:+1"], client: peer), Case(headers: [":4711"], client: peer), Case(headers: ["[203.0.113.7]"], client: peer),
        Case(headers: ["[2001:db8::7"], client: peer), Case(headers: ["[2001:db8::7]443"], client: peer),
        Case(headers: ["[2001:db8::7]:"], client: peer),
        Case(headers: ["[]"], client: peer), Case(headers: ["["], client: peer), Case(headers: ["[]:1"], client: peer),
        Case(headers: ["2001:db8::7]"], client: peer),
        Case(headers: ["\"203.0.113.7\""], client: peer),
        Case(headers: ["203.0.113.7 198.51.100.1"], client: peer), Case(headers: ["203.0.113.7/32"], client: peer),
        Case(headers: ["203.0.113"], client: peer),
        // Each address has one bucket, however it is written.
        Case(headers: ["2001:DB8:0:0::7"], client: "2001:db8::7"), Case(headers: ["::ffff:203.0.113.7"], client: "203.0.113.7"),
        Case(headers: ["2001:db8::7, fd00::1"], client: "2001:db8::7"),
    ])
    func theClientIsTheLastStranger(example: Case) throws {
        let proxies = try #require(TrustedProxies("10.0.0.0/24,fd00::/8"))
        #expect(proxies.client(behind: Self.peer, forwardedFor: example.headers) == example.client)
    }

    @Test func anEntryThatIsNoAddressIsToldAndOthersAreNot() throws {
        let proxies = try #require(TrustedProxies("10.0.0.0/24"))
        var told: [String] = []
        for value in ["203.0.113.7", "unknown", "203.0.113.7:4711, 10.0.0.2", "203.0.113.7, unix:"] {
            _ = proxies.client(behind: Self.peer, forwardedFor: [value]) { told.append($0) }
        }
        #expect(told == ["unknown", " unix:"])
    }

    @Test func theWarningIsGivenOnceAndHoldsNoControlCharacter() {
        let lines = KeptLines(.trace)
        let warning = ForwardingWarning(logger: lines.logger)
        warning.unreadable("un\u{1B}[31mknown 张" + String(repeating: "x", count: 100))
        warning.unreadable("other")
        let entries = lines.all.map { $0["entry"] ?? "" }
        #expect(entries.count == 1)
        #expect(entries.first?.hasPrefix("un?[31mknown ?xxx") == true)
        #expect(entries.first?.utf8.count == 64)
    }
}

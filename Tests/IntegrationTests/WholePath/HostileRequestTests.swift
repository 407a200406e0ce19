import Foundation
import NIOHTTP1
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// What no client may send, on a socket: one answer, then the end of the connection.
@Suite(.timeLimit(.minutes(2))) struct HostileRequestTests {
    private static let body = #"{"sku":"phone-x","quantity":1}"#
    private static let length = "Content-Length: \(body.utf8.count)\r\n"
    private static let chunked = "Transfer-Encoding: chunked\r\n"
    private static let host = "Host: h\r\n"

    /// By status: name, request up to its headers' end with `{path}` for the purchase's path, and
    /// what follows.
    private static let framing: [(status: String, name: String, bytes: String)] = [
        ("400", "length and chunked", "POST {path} HTTP/1.1\r\n" + host + length + chunked + "\r\n" + body),
        ("400", "chunked and length", "POST {path} HTTP/1.1\r\n" + host + chunked + length + "\r\n0\r\n\r\n"),
        ("400", "two lengths", "POST {path} HTTP/1.1\r\n" + host + length + "Content-Length: 5\r\n\r\n" + body),
        ("400", "the same length twice", "POST {path} HTTP/1.1\r\n" + host + length + length + "\r\n" + body),
        ("400", "a list of lengths", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: 30, 30\r\n\r\n" + body),
        ("400", "signed length", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: +30\r\n\r\n" + body),
        ("400", "hexadecimal length", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: 0x1e\r\n\r\n" + body),
        ("400", "empty length", "POST {path} HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n" + body),
        ("400", "length beyond 2^64", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551616\r\n\r\n" + body),
        ("413", "length beyond 2^63", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: 9223372036854775808\r\n\r\n" + body),
        ("413", "length of a gigabyte", "POST {path} HTTP/1.1\r\n" + host + "Content-Length: 1000000000\r\n\r\n" + body),
        ("400", "another coding", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("400", "identity", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n" + length + "\r\n" + body),
        ("400", "two codings", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("400", "chunked twice", "POST {path} HTTP/1.1\r\n" + host + chunked + chunked + "\r\n0\r\n\r\n"),
        ("400", "chunked twice in one field", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        ("400", "a vertical tab before chunked", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n"),
        ("400", "space before the colon", "POST {path} HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("400", "chunked in HTTP/1.0", "POST {path} HTTP/1.0\r\n" + host + chunked + "\r\n0\r\n\r\n"),
        ("400", "bare LF in the headers", "POST {path} HTTP/1.1\nHost: h\n" + "Content-Length: 30\n\n" + body),
        ("400", "bare LF after the request line", "POST {path} HTTP/1.1\n" + host + length + "\r\n" + body),
        ("400", "bare LF after one header", "POST {path} HTTP/1.1\r\n" + host + "X-A: b\n" + length + "\r\n" + body),
        ("400", "bare LF as the empty line", "POST {path} HTTP/1.1\r\n" + host + length + "\n" + body),
        ("400", "folded line", "POST {path} HTTP/1.1\r\n" + host + "X-A: a\r\n b\r\n" + length + "\r\n" + body),
        ("400", "folded first line", "POST {path} HTTP/1.1\r\n X-A: a\r\n" + host + length + "\r\n" + body),
        ("400", "NUL in a value", "POST {path} HTTP/1.1\r\n" + host + "X-A: a\0b\r\n" + length + "\r\n" + body),
        ("400", "NUL in a name", "POST {path} HTTP/1.1\r\n" + host + "X-\0A: ab\r\n" + length + "\r\n" + body),
        ("400", "lone CR in a value", "POST {path} HTTP/1.1\r\n" + host + "X-A: a\rb\r\n" + length + "\r\n" + body),
        ("400", "a header without a name", "POST {path} HTTP/1.1\r\n" + host + ": a\r\n" + length + "\r\n" + body),
        ("400", "a header without a colon", "POST {path} HTTP/1.1\r\n" + host + "X-A\r\n" + length + "\r\n" + body),
        ("400", "a name beyond ASCII", "POST {path} HTTP/1.1\r\n" + host + "X-Ä: a\r\n" + length + "\r\n" + body),
        ("400", "no host", "POST {path} HTTP/1.1\r\n" + length + "\r\n" + body),
        ("400", "two hosts", "POST {path} HTTP/1.1\r\n" + host + "Host: i\r\n" + length + "\r\n" + body),
        ("400", "the same host twice", "POST {path} HTTP/1.1\r\n" + host + host + length + "\r\n" + body),
        ("400", "a host with a user", "POST {path} HTTP/1.1\r\nHost: u@h\r\n" + length + "\r\n" + body),
        ("400", "HTTP/0.9", "GET {path}\r\n\r\n"),
        ("505", "HTTP/2.0", "GET {path} HTTP/2.0\r\n" + host + "\r\n"),
        ("505", "HTTP/9.9", "GET {path} HTTP/9.9\r\n" + host + "\r\n"),
        ("505", "HTTP/1.2", "GET {path} HTTP/1.2\r\n" + host + "\r\n"),
        ("400", "a bare line feed behind the version", "GET {path} HTTP/1.1\n" + host + "\r\n"),
        ("400", "nothing but bare line feeds", "GET {path} HTTP/1.1\nHost: h\n\n"),
        ("400", "a bare line feed behind another version", "GET {path} HTTP/1.2\n" + host + "\r\n"),
        ("400", "a version of words", "GET {path} HTTP/one\r\n" + host + "\r\n"),
        ("400", "another protocol", "GET {path} ICE/1.0\r\n" + host + "\r\n"),
        ("501", "an unknown method", "FOO {path} HTTP/1.1\r\n" + host + "\r\n"),
        ("501", "a method in small letters", "get {path} HTTP/1.1\r\n" + host + "\r\n"),
        ("501", "CONNECT", "CONNECT h:80 HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "noise", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n"),
        ("400", "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("400", "a fragment in the target", "GET /livez#x HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "a space in the target", "GET /live z HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "a letter beyond ASCII in the target", "GET /livéz HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "no slash in front", "GET livez HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "another host's URI", "GET http://evil/livez HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "another scheme", "GET ftp://h/livez HTTP/1.1\r\n" + host + "\r\n"),
        ("400", "chunk size with a prefix", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n0x1\r\na\r\n0\r\n\r\n"),
        ("400", "chunk size that overflows", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\nfffffffffffffffff\r\na\r\n"),
        ("400", "chunk line with a bare LF", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n1\na\r\n0\r\n\r\n"),
        ("400", "LF in a chunk extension", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n1;x=\n1\r\na\r\n0\r\n\r\n"),
        ("400", "chunk longer than it says", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n1\r\nab\r\n0\r\n\r\n"),
        ("400", "negative chunk size", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n-1\r\na\r\n0\r\n\r\n"),
        ("413", "chunks beyond the limit", "POST {path} HTTP/1.1\r\n" + host + chunked + "\r\n4000\r\n" + String(repeating: " ", count: 16_384)),
        ("431", "too many headers", "GET /livez HTTP/1.1\r\n" + host + String(repeating: "X-A: b\r\n", count: 100) + "\r\n"),
        ("431", "one long header", "GET /livez HTTP/1.1\r\n" + host + "X-A: " + String(repeating: "a", count: 20_000) + "\r\n\r\n"),
        ("431", "a header that never ends", "GET /livez HTTP/1.1\r\n" + host + "X-A: " + String(repeating: "a", count: 200_000)),
        ("431", "a target that never ends", "GET /" + String(repeating: "a", count: 200_000)),
    ]

    /// What a smuggler hides behind the ambiguity: were it read as a request, there would be a
    /// second answer.
    private static let hidden = "GET /livez HTTP/1.1\r\n" + host + "\r\n"

    private static func statuses(in answers: String) -> [String] {
        answers.matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).map { String($0.1) }
    }

    @Test func aRequestThatTwoParsersCouldReadInTwoWaysIsAnsweredOnceAndIsTheLast() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                for (status, name, bytes) in Self.framing {
                    let connection = try RawConnection(to: service.address.port)
                    let request = bytes.replacing("{path}", with: "/v1/sales/\(sale)/orders").replacing("Host: h", with: "Host: h\r\nX-User-Id: a")
                    try connection.sendAll(request + Self.hidden)
                    let answer = try await connection.readToEnd()
                    #expect(Self.statuses(in: answer) == [status], "\(name): \(answer.prefix(200))")
                    #expect(answer.contains("Connection: close"), "\(name)")
                    #expect(answer.contains("application/problem+json"), "\(name)")
                }
                #expect(try await stores.orders(of: sale).isEmpty)
            }
        }
    }

    @Test func whatIsUnusualAndClearIsTaken() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100, limitPerUser: 10)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let path = "/v1/sales/\(sale)/orders"
                let end = "Connection: close\r\n\r\n"
                let taken: [(String, String, String)] = [
                    ("200", "absolute form", "GET http://h/livez HTTP/1.1\r\n" + Self.host + end),
                    ("200", "HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n"),
                    ("200", "empty lines in front", "\r\n\r\nGET /livez HTTP/1.1\r\n" + Self.host + end),
                    ("200", "a GET with a body", "GET /livez HTTP/1.1\r\n" + Self.host + "Content-Length: 3\r\n" + end + "abc"),
                    ("404", "dot segments", "GET /v1/../livez HTTP/1.1\r\n" + Self.host + end),
                    ("404", "an encoded slash", "GET /v1/..%2flivez HTTP/1.1\r\n" + Self.host + end),
                    ("405", "TRACE", "TRACE /livez HTTP/1.1\r\n" + Self.host + end),
                    ("404", "the admin port's metrics", "GET /metrics HTTP/1.1\r\n" + Self.host + end),
                    ("405", "a method of others", "DELETE /livez HTTP/1.1\r\n" + Self.host + end),
                    (
                        "201", "trailers, which nobody reads",
                        "POST \(path) HTTP/1.1\r\n" + Self.host + "X-User-Id: a\r\n" + Self.chunked + end
                            + "1e;name=value\r\n\(Self.body)\r\n0\r\nHost: evil\r\nX-User-Id: b\r\n\r\n"
                    ),
                    (
                        "401", "a name with an underscore, which is another name",
                        "POST \(path) HTTP/1.1\r\n" + Self.host + "X_User_Id: a\r\n" + Self.length + end + Self.body
                    ),
                ]
                for (status, name, bytes) in taken {
                    let connection = try RawConnection(to: service.address.port)
                    try connection.sendAll(bytes)
                    let answer = try await connection.readToEnd()
                    #expect(Self.statuses(in: answer) == [status], "\(name): \(answer)")
                }
                #expect(try await stores.orders(of: sale).map(\.user.rawValue) == ["a"])
            }
        }
    }

    @Test func aBodyThatIsNoPurchaseIsRefusedWithoutAnError() async throws {
        let deep = String(repeating: "[", count: 4_000)
        let bodies: [(status: Int, body: [UInt8])] = [
            (400, Array(deep.utf8)), (400, Array((#"{"sku":"# + deep).utf8)), (400, Array(#"{"sku":"phone-x","quantity":NaN}"#.utf8)),
            (422, Array(#"{"sku":"phone-x","quantity":9223372036854775809}"#.utf8)),
            (422, Array(("{\"sku\":\"phone-x\",\"quantity\":1" + String(repeating: "0", count: 1_000) + "}").utf8)),
            (422, Array(#"{"sku":"phone-x","quantity":1e400}"#.utf8)), (422, Array(#"{"sku":"phone-x","quantity":-1}"#.utf8)),
            (400, Array(#"{"sku":"a","sku":"phone-x","quantity":1}"#.utf8)), (400, Array(#"{"sku":"\ud800","quantity":1}"#.utf8)),
            (400, Array(#"{"sku":""#.utf8) + [0xC3, 0x28] + Array(#"","quantity":1}"#.utf8)),
            (400, Array(#"{"sku":"a"#.utf8) + [0] + Array(#"","quantity":1}"#.utf8)), (422, Array(#"{"sku":"\u0000","quantity":1}"#.utf8)),
            (400, []), (400, Array(#"{"sku":"phone-x","quantity":1}x"#.utf8)),
            (400, Array(#"{"sku":"phone-x""#.utf8)), (400, Array(#"{"sku":"phone-x","quantity":1}{}"#.utf8)),
            (422, Array(#"{"sku":"phone-x","quantity":0}"#.utf8)), (422, Array(#"{"sku":"phone-x","quantity":0.5}"#.utf8)),
            (422, Array(#"{"sku":"phone-x","quantity":"1"}"#.utf8)), (422, Array(#"[]"#.utf8)), (422, Array("null".utf8)),
        ]
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                for (status, body) in bodies {
                    let connection = try RawConnection(to: service.address.port)
                    try connection.sendAll(
                        "POST /v1/sales/\(sale)/orders HTTP/1.1\r\n" + Self.host + "X-User-Id: a\r\nConnection: close\r\n"
                            + "Content-Length: \(body.count)\r\n\r\n", body)
                    let answer = try await connection.readToEnd()
                    let text = String(decoding: body.prefix(60), as: UTF8.self)
                    #expect(["400", "422"].contains(Self.statuses(in: answer).first ?? ""), "\(text): \(answer)")
                    #expect(Self.statuses(in: answer) == ["\(status)"], "\(text): \(answer)")
                }
                #expect(try await stores.orders(of: sale).isEmpty)
            }
        }
    }
}

extension RawConnection {
    /// Sends as much as the other side takes: whoever refuses early may stop reading.
    func sendAll(_ text: String, _ more: [UInt8] = []) throws {
        do {
            try send(Array(text.utf8) + more)
        } catch let error as Failed where error.call == "send" {}
    }
}

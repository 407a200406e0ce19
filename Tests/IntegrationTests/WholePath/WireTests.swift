import Foundation
import Glibc
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// What only the bytes on the connection show.
@Suite(.timeLimit(.minutes(2))) struct WireTests {
    private func purchase(_ sale: SaleID, user: String, extra: String = "", body: String = #"{"sku":"phone-x","quantity":1}"#) -> String {
        "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: \(user)\r\nContent-Type: application/json\r\n\(extra)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func statuses(in answers: String) -> [String] {
        answers.matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).map { String($0.1) }
    }

    private func open(_ service: ServiceUnderTest, _ sale: SaleID, sending texts: [String]) async throws -> [RawConnection] {
        try await service.sees(sale, "open")
        return try texts.map { text in
            let connection = try RawConnection(to: service.address.port)
            try connection.send(text)
            return connection
        }
    }

    private func readAll(_ connections: [RawConnection]) async throws -> [String] {
        var texts: [String] = []
        for connection in connections { texts.append(try await connection.readToEnd()) }
        return texts
    }

    @Test func pipelinedRequestsOfBothKindsAreAnsweredInTheirOrder() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 3)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let connection = try RawConnection(to: service.address.port)
                try connection.send(
                    purchase(sale, user: "a") + "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n" + purchase(sale, user: "a")
                        + purchase(sale, user: "b") + "GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                let statuses = statuses(in: try await connection.readToEnd())
                #expect(statuses == ["201", "200", "409", "201", "404"])
            }
        }
    }

    @Test func aChunkedPurchaseAndOneThatExpectsToBeToldToGoOnAreTaken() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let chunked = try RawConnection(to: service.address.port)
                try chunked.send(
                    "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        + "10\r\n{\"sku\":\"phone-x\"\r\ne\r\n,\"quantity\":1}\r\n0\r\n\r\n")
                #expect(try await chunked.readToEnd().hasPrefix("HTTP/1.1 201 "))
                let expecting = try RawConnection(to: service.address.port)
                let whole = purchase(sale, user: "b", extra: "Expect: 100-continue\r\nConnection: close\r\n")
                let split = whole.range(of: "\r\n\r\n")!.upperBound
                try expecting.send(String(whole[..<split]))
                #expect(try await expecting.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
                try expecting.send(String(whole[split...]))
                let answer = try await expecting.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
            }
        }
    }

    @Test func aRefusalBeforeTheBodyLeavesTheConnectionUsable() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let connection = try RawConnection(to: service.address.port)
                try connection.send(
                    purchase(SaleID("nope")!, user: "a") + purchase(sale, user: "a", extra: "Connection: close\r\n"))
                let statuses = statuses(in: try await connection.readToEnd())
                #expect(statuses == ["404", "201"])
            }
        }
    }

    @Test func theAdminPortShowsWhatWasSoldAndThePublicPortDoesNot() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                _ = try await service.buy(sale, as: "ann")
                let metrics = try await service.send(.GET, "/metrics", base: "http://\(service.admin)")
                #expect(metrics.status == 200)
                #expect(metrics.text.contains("seckill_purchases_total{outcome=\"committed\"}"))
                #expect(metrics.text.contains("seckill_commit_orders_bucket"))
                #expect(try await service.send(.GET, "/metrics").status == 404)
                #expect(try await service.send(.GET, "/readyz?verbose", base: "http://\(service.admin)").status == 200)
            }
        }
    }

    @Test func anIdleConnectionIsClosedWhenTheOperatorSaysSo() async throws {
        try await withStores { stores in
            try await withService(over: stores, ["SECKILL_IDLE_TIMEOUT": "1s"]) { service in
                let connection = try RawConnection(to: service.address.port)
                try connection.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
                // Ends only when the other side closes; nobody reads for as long as the usual
                // time-out.
                #expect(statuses(in: try await connection.readToEnd()) == ["200"])
            }
        }
    }

    @Test func aServiceThatIsToldToStopAnswersWhatItHasTakenAndLeavesNothingInTheQueue() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 500)
            let purchases = (0..<100).map { purchase(sale, user: "u\($0)", extra: "Prefer: wait=20\r\n") }
            let connections = try await withService(over: stores) { try await open($0, sale, sending: purchases) }
            // The service has stopped by now; whatever it took is answered and recorded.
            let answers = try await readAll(connections)
            let committed = answers.count { $0.hasPrefix("HTTP/1.1 201 ") }
            #expect(answers.allSatisfy { $0.isEmpty || $0.hasPrefix("HTTP/1.1 201 ") || $0.hasPrefix("HTTP/1.1 503 ") })
            #expect(try await stores.orders(of: sale).count == committed)
            #expect(try await stores.store.unitsInFlight(of: sale).isEmpty)
        }
    }
}

/// A blocking TCP connection that sends what it is told, byte for byte.
final class RawConnection: Sendable {
    private let descriptor: Int32

    struct Failed: Error {
        var call: String
        var code = errno
    }

    /// - Parameter source: the address that the service sees.
    init(to port: Int, from source: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard Self.call(bind, descriptor, source, 0) == 0 else { throw Failed(call: "bind") }
        guard Self.call(connect, descriptor, "127.0.0.1", port) == 0 else { throw Failed(call: "connect") }
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32, _ host: String, _ port: Int
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ all: [UInt8]) throws {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failed(call: "send") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Everything until the other side closes. A reset counts as an end.
    func readToEnd() async throws -> String {
        try await read { _ in false }
    }

    func read(until end: String) async throws -> String {
        try await read { $0.contains(end) }
    }

    /// Blocks a thread of its own: those of the tasks are few, and the service under test needs
    /// them.
    private func read(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in
                continuation.resume(
                    with: Result {
                        var text = ""
                        while !isEnough(text), let more = try receive() { text += more }
                        return text
                    })
            }
        }
    }

    private func receive() throws -> String? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            guard errno == ECONNRESET else { throw Failed(call: "recv") }
            return nil
        }
        return count == 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

extension PrivateRedis {
    /// Sends one inline command and awaits its reply.
    func command(_ line: String) async throws {
        let connection = try RawConnection(to: port)
        try connection.send(line + "\r\n")
        let reply = try await connection.read(until: "\r\n")
        guard reply.hasPrefix("+") || reply.hasPrefix(":") else { throw RawConnection.Failed(call: reply, code: 0) }
    }

    /// How often it ran one of `commands`, written as `INFO` has them.
    func calls(of commands: String...) async throws -> Int {
        let connection = try RawConnection(to: port)
        try connection.send("INFO commandstats\r\nPING\r\n")
        let info = try await connection.read(until: "+PONG\r\n")
        return info.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
            guard commands.contains(where: { line.hasPrefix("cmdstat_\($0):") }), let calls = line.firstRange(of: "calls=") else { return sum }
            return sum + (Int(line[calls.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
    }
}

import Foundation
import NIOHTTP1
import PrivateServers
import ServerAssembly
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServeCommandTests {
    /// The far end of `NOTIFY_SOCKET`.
    private struct NotifySocket {
        let path: String
        private let handle: Int32

        init(path: String) throws {
            self.path = path
            handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
            }
            try #require(isBound)
        }

        /// The next message; waits for it.
        func next() async throws -> String {
            var bytes = [UInt8](repeating: 0, count: 128)
            while true {
                let count = recv(handle, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                if count > 0 { return String(decoding: bytes[..<count], as: UTF8.self) }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Told once, at the start; `/readyz?verbose` goes on saying it.
    @Test func aRedisThatMayForgetReservationsIsWarnedOf() async throws {
        try await withOwnRedis(appendOnly: false) { redis, _ in
            try await redis.command("CONFIG SET maxmemory-policy volatile-lru")
            try await withOperator { shell in
                let port = try LocalPort.free()
                var environment = shell.seckill.environment
                environment["SECKILL_REDIS_URL"] = redis.url
                environment["SECKILL_AUTH"] = "trusted-header"
                environment["SECKILL_DRAIN_DELAY"] = "0s"
                let running = try RunningCommand(
                    SeckillCommand.executable, ["serve", "--bind", "127.0.0.1:\(port)", "--admin-bind", "127.0.0.1:0"], environment: environment)
                let address = ListenAddress(host: "127.0.0.1", port: port)
                let service = ServiceUnderTest(address: address, admin: address)
                let ready = try await eventually { () -> Answer? in
                    let answer = try? await service.send(.GET, "/readyz?verbose")
                    return answer?.status == 200 ? answer : nil
                }
                #expect(ready.text.contains("off: a restart forgets reservations"), "\(ready.text)")
                #expect(ready.text.contains("volatile-lru: full memory forgets reservations"), "\(ready.text)")
                running.signal(SIGTERM)
                let outcome = try await running.outcome()
                #expect(outcome.messages.contains("set appendonly yes"), "\(outcome.messages)")
                #expect(
                    outcome.messages.contains("volatile-lru") && outcome.messages.contains("set maxmemory-policy noeviction"), "\(outcome.messages)")
            }
        }
    }

    @Test func systemdHearsWhenItIsReadyAliveAndStopping() async throws {
        try await withOperator { shell in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let systemd = try NotifySocket(path: "\(directory.path)/notify")
            var environment = shell.seckill.environment
            environment["NOTIFY_SOCKET"] = systemd.path
            environment["WATCHDOG_USEC"] = "200000"
            environment["SECKILL_AUTH"] = "trusted-header"
            let running = try RunningCommand(
                SeckillCommand.executable, ["serve", "--bind", "127.0.0.1:0", "--admin-bind", "127.0.0.1:0"], environment: environment)
            var heard: Set<String> = []
            while !heard.isSuperset(of: ["READY=1", "WATCHDOG=1"]) { heard.insert(try await systemd.next()) }
            running.signal(SIGTERM)
            while !heard.contains("STOPPING=1") { heard.insert(try await systemd.next()) }
            let outcome = try await running.outcome()
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }
}

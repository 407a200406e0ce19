import AsyncHTTPClient
import Hummingbird
import JWTKit
import Logging
import NIOCore
import NIOPosix
import SaleCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import HTTPFront
@testable import Signatures

@Suite(.timeLimit(.minutes(1))) struct KeySourceTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let payload = #"{"sub":"alice","exp":1800000600}"#
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// An identity provider whose set may change or be out of reach.
    private final class Publisher: Sendable {
        struct Down: Error {}
        private let state = Mutex<(set: [UInt8]?, reads: Int)>((nil, 0))

        func publish(_ set: [UInt8]?) { state.withLock { $0.set = set } }
        var reads: Int { state.withLock { $0.reads } }

        @Sendable func read() async throws -> [UInt8] {
            try state.withLock { state in
                state.reads += 1
                guard let set = state.set else { throw Down() }
                return set
            }
        }
    }

    @Test func keysAreThereAfterTheFirstRead() async throws {
        let key = ES256PrivateKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            #expect(publisher.reads == 1)
        }
    }

    @Test func unknownKeyBringsTheNewSetAndTheRemovedKeyIsRefused() async throws {
        let old = ES256PrivateKey()
        let new = ES256PrivateKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(old, id: "old")))
        try await Self.run(publisher, cooldown: .zero) { verifier in
            let oldToken = try await Self.token(old, id: "old")
            try await Self.expectAlice(verifier, oldToken)
            publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(new, id: "new")))
            try await Self.expectAlice(verifier, Self.token(new, id: "new"))
            #expect(verifier.cachedUser(forBearer: oldToken, now: Self.now) == nil)
            await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: oldToken, now: Self.now) }
        }
    }

    @Test func floodOfUnknownKeysReadsOncePerCooldown() async throws {
        let key = ES256PrivateKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            for index in 0..<50 {
                let token = try await Self.token(key, id: "forged-\(index)")
                await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: token, now: Self.now) }
            }
            #expect(publisher.reads == 1)
        }
    }

    @Test func manyWaitersShareOneRead() async throws {
        let key = ES256PrivateKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            let token = try await Self.token(key, id: "a")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let user = try? await verifier.verify(bearer: token, now: Self.now)
                        #expect(user == Sample.alice)
                    }
                }
            }
            #expect(publisher.reads == 1)
        }
    }

    @Test func lastGoodSetStaysWhenThePublisherIsDownOrPublishesNonsense() async throws {
        let key = ES256PrivateKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(try TestJWKS.ecdsa(key, id: "a")))
        try await Self.run(publisher, cooldown: .zero) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            for set in [nil, Array("nonsense".utf8)] {
                publisher.publish(set)
                let unknown = try await Self.token(key, id: "b")
                await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: unknown, now: Self.now) }
                try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            }
            #expect(publisher.reads >= 3)
        }
    }

    /// A buyer is not told that the token is wrong while nobody can know.
    @Test func withoutAnyKeysTheServiceIsToBlame() async throws {
        let publisher = Publisher()
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            let token = try await Self.token(ES256PrivateKey(), id: "a")
            await #expect(throws: AuthFailure.keysUnavailable) { try await verifier.verify(bearer: token, now: Self.now) }
            #expect(!verifier.hasKeys)
        }
    }

    @Test func nobodyWaitsForASourceThatDoesNotRun() async throws {
        let verifier = TokenVerifier(source: KeySource(logger: Self.logger) { [] })
        let token = try await Self.token(ES256PrivateKey(), id: "a")
        await #expect(throws: AuthFailure.keysUnavailable) { try await verifier.verify(bearer: token, now: Self.now) }
    }

    @Test func setIsReadOverHTTP() async throws {
        let key = ES256PrivateKey()
        let set = String(decoding: TestJWKS.set(try TestJWKS.ecdsa(key, id: "a")), as: UTF8.self)
        let router = Router()
        router.get("/keys") { _, _ in set }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let publisher = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: Self.logger)
        let group = ServiceGroup(services: [publisher], logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let listening = try #require(await ports.first { _ in true })
            let source = KeySource(url: "http://127.0.0.1:\(listening)/keys", cooldown: .seconds(3_600), logger: Self.logger)
            try await Self.run(source) { verifier in
                try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            }
            await group.triggerGracefulShutdown()
        }
    }

    private static func expectAlice(_ verifier: TokenVerifier, _ token: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let user = try await verifier.verify(bearer: token, now: now)
        #expect(user == Sample.alice, sourceLocation: sourceLocation)
    }

    private static func token(_ key: ES256PrivateKey, id: String) async throws -> String {
        try await TestSigner.ecdsa(key).token(payload, header: ",\"kid\":\"\(id)\"")
    }

    private static func run(
        _ publisher: Publisher, cooldown: Duration, _ body: @escaping @Sendable (TokenVerifier) async throws -> Void
    ) async throws {
        try await run(KeySource(cooldown: cooldown, logger: logger, read: publisher.read), body)
    }

    /// Runs `body` while `source` runs, then sees it stop.
    private static func run(_ source: KeySource, _ body: @escaping @Sendable (TokenVerifier) async throws -> Void) async throws {
        let verifier = TokenVerifier(source: source)
        let group = ServiceGroup(services: [source], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while !source.isRunning { await Task.yield() }
            do {
                try await body(verifier)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

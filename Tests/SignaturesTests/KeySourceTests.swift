import Cryptography
import Foundation
import Logging
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
        let key = SigningKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(TestJWKS.edDSA(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            #expect(publisher.reads == 1)
        }
    }

    @Test func unknownKeyBringsTheNewSetAndTheRemovedKeyIsRefused() async throws {
        let old = SigningKey()
        let new = SigningKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(TestJWKS.edDSA(old, id: "old")))
        try await Self.run(publisher, cooldown: .zero) { verifier in
            let oldToken = Self.token(old, id: "old")
            try await Self.expectAlice(verifier, oldToken)
            publisher.publish(TestJWKS.set(TestJWKS.edDSA(new, id: "new")))
            try await Self.expectAlice(verifier, Self.token(new, id: "new"))
            #expect(verifier.cachedUser(forBearer: oldToken, now: Self.now) == nil)
            await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: oldToken, now: Self.now) }
        }
    }

    @Test func floodOfUnknownKeysReadsOncePerCooldown() async throws {
        let key = SigningKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(TestJWKS.edDSA(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            for index in 0..<50 {
                let token = Self.token(key, id: "forged-\(index)")
                await #expect(throws: AuthFailure.unknownKey) { try await verifier.verify(bearer: token, now: Self.now) }
            }
            #expect(publisher.reads == 1)
        }
    }

    @Test func manyWaitersShareOneRead() async throws {
        let key = SigningKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(TestJWKS.edDSA(key, id: "a")))
        try await Self.run(publisher, cooldown: .seconds(3_600)) { verifier in
            let token = Self.token(key, id: "a")
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
        let key = SigningKey()
        let publisher = Publisher()
        publisher.publish(TestJWKS.set(TestJWKS.edDSA(key, id: "a")))
        try await Self.run(publisher, cooldown: .zero) { verifier in
            try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            for set in [nil, Array("nonsense".utf8)] {
                publisher.publish(set)
                let unknown = Self.token(key, id: "b")
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
            let token = Self.token(SigningKey(), id: "a")
            await #expect(throws: AuthFailure.keysUnavailable) { try await verifier.verify(bearer: token, now: Self.now) }
            #expect(!verifier.hasKeys)
        }
    }

    @Test func nobodyWaitsForASourceThatDoesNotRun() async throws {
        let verifier = TokenVerifier(source: KeySource(logger: Self.logger) { [] })
        let token = Self.token(SigningKey(), id: "a")
        await #expect(throws: AuthFailure.keysUnavailable) { try await verifier.verify(bearer: token, now: Self.now) }
    }

    @Test func setIsReadOverHTTP() async throws {
        let key = SigningKey()
        let set = String(decoding: TestJWKS.set(TestJWKS.edDSA(key, id: "a")), as: UTF8.self)
        try await withPublisher({ _ in .ok(set) }) { publisher in
            let source = KeySource(url: publisher.url("/keys"), cooldown: .seconds(3_600), logger: Self.logger)
            try await Self.run(source) { verifier in
                try await Self.expectAlice(verifier, Self.token(key, id: "a"))
            }
            #expect(publisher.paths == ["/keys"])
        }
    }

    private static func expectAlice(_ verifier: TokenVerifier, _ token: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let user = try await verifier.verify(bearer: token, now: now)
        #expect(user == Sample.alice, sourceLocation: sourceLocation)
    }

    private static func token(_ key: SigningKey, id: String) -> String {
        TestSigner.edDSA(key).token(payload, header: ",\"kid\":\"\(id)\"")
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
            while !source.isRunning { try await Task.sleep(for: .milliseconds(1)) }
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

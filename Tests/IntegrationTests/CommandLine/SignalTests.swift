import Foundation
import Glibc
import NIOHTTP1
import PrivateServers
import Testing

/// Signals that are not meant to stop a node, and the one that may be.
@Suite(.timeLimit(.minutes(3))) struct SignalTests {
    @Test(arguments: [SIGUSR1, SIGUSR2])
    func aSignalThatMeansNothingChangesNothing(signal: Int32) async throws {
        try await withOperator { shell in
            let node = try ServeProcess(environment: shell.seckill.environment)
            try await node.isReady()
            node.command.signal(signal)
            #expect(try await node.service.send(.GET, "/readyz").status == 200)
            node.command.signal(SIGTERM)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }

    @Test func withoutATerminalAHangupIsIgnoredAndTheLogSaysSo() async throws {
        try await withOperator { shell in
            let node = try ServeProcess(environment: shell.seckill.environment, by: .supervisor)
            try await node.isReady()
            try node.signal(SIGHUP)
            try await eventually { node.command.messages.contains("SIGHUP is ignored") ? true : nil }
            #expect(try await node.service.send(.GET, "/readyz").status == 200)
            try node.signal(SIGTERM)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }

    @Test func aTerminalThatGoesDrainsTheNode() async throws {
        try await withOperator { shell in
            let node = try ServeProcess(environment: shell.seckill.environment, by: .terminal)
            try await node.isReady()
            try node.signal(SIGHUP)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 0, "\(outcome.data)")
            #expect(outcome.data.contains("stopping: requests are still served"), "\(outcome.data)")
        }
    }

    @Test func nohupHoldsItsPromise() async throws {
        try await withOperator { shell in
            let node = try ServeProcess(environment: shell.seckill.environment, by: .nohup)
            try await node.isReady()
            try node.signal(SIGHUP)
            #expect(try await node.service.send(.GET, "/readyz").status == 200)
            try node.signal(SIGTERM)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 0, "\(outcome.messages)")
            #expect(!outcome.messages.contains("SIGHUP"), "\(outcome.messages)")
        }
    }
}

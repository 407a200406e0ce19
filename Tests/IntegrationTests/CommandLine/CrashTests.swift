import Foundation
import Glibc
import PrivateServers
import Testing

/// What is left of a node that crashes.
@Suite(.timeLimit(.minutes(2))) struct CrashTests {
    @Test(arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT])
    func aCrashLeavesItsBacktraceInTheLogAndNobodyOnItsPorts(signal: Int32) async throws {
        try await withOperator { shell in
            let node = try ServeProcess(environment: shell.seckill.environment)
            try await node.isReady()
            #expect(!LocalPort.isFree(node.port))
            node.command.signal(signal)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 128 + signal)
            // Whoever held one would be a child.
            #expect(LocalPort.isFree(node.port) && LocalPort.isFree(node.adminPort))
            #expect(outcome.messages.contains("seckill crashed: signal \(signal) "), "\(outcome.messages)")
            #expect(outcome.messages.contains("backtrace of thread "), "\(outcome.messages)")
            #expect(outcome.messages.contains("\n    0 ") && outcome.messages.contains("\n    1 "), "\(outcome.messages)")
        }
    }

    @Test func aCrashEndsTheNodeAlthoughNobodyReadsItsLog() async throws {
        try await withOperator { shell in
            let log = try StalledPipe()
            let node = try ServeProcess(environment: shell.seckill.environment, log: log.writing)
            try await node.isReady()
            node.command.signal(SIGSEGV)
            #expect(try await node.command.outcome().status == 128 + SIGSEGV)
            #expect(LocalPort.isFree(node.port) && LocalPort.isFree(node.adminPort))
        }
    }
}

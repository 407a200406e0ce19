import Foundation
import Glibc
import LoadSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SubprocessTests {
    private func shell(_ script: String, input: String = "") async throws -> Subprocess.Outcome {
        try await Subprocess("sh")(["-c", script], input: input)
    }

    @Test func inputAndBothOutputsAreApart() async throws {
        let outcome = try await shell("cat; echo late >&2; exit 7", input: "a b\n")
        #expect(outcome.status == 7 && outcome.data == "a b\n" && outcome.messages == "late\n")
    }

    @Test func argumentsReachItAsTheyAre() async throws {
        #expect(try await Subprocess("printf")(["%s|", "a b", "$HOME", "'\"", ""]).data == "a b|$HOME|'\"||")
    }

    @Test func theEnvironmentIsOursAndWhatIsAdded() async throws {
        let outcome = try await Subprocess("sh", environment: ["SECKILL_X": "1"])(["-c", "echo $SECKILL_X $PATH"])
        #expect(outcome.data == "1 \(ProcessInfo.processInfo.environment["PATH"] ?? "")\n")
    }

    /// As shells count.
    @Test func anEndBySignalIsNoExit() async throws {
        #expect(try await shell("kill -KILL $$").status == 128 + SIGKILL)
    }

    @Test func aProgramThatIsNotThereIsMissing() async throws {
        #expect(try await Subprocess("seckill-no-such-program")([]).status == 127)
    }

    @Test func moreThanAPipeHoldsComesThrough() async throws {
        #expect(try await shell("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2").data.utf8.count == 1_000_000)
    }

    @Test func whatDoesNotSucceedIsSaid() async throws {
        let error = await #expect(throws: SubprocessFailure.self) { try await Subprocess("sh").succeed(["-c", "echo why >&2; exit 3"]) }
        #expect(error?.description == "sh -c echo why >&2; exit 3 ended with 3: why\n")
    }

    @Test func aCancelledTaskEndsIt() async throws {
        let start = ContinuousClock.now
        await #expect(throws: (any Error).self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Subprocess("sleep").succeed(["1000"]) }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func whoForgetsItLeavesNothingBehind() async throws {
        let pid: Int32
        do {
            let running = try Subprocess("sleep").start(["1000"])
            pid = running.pid
            #expect(running.isRunning)
        }
        #expect(try await eventually(within: .seconds(10)) { ProcessStat.read(pid) == nil })
    }
}

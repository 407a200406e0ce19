import Foundation
import LoadModel
import Testing

@testable import LoadDriver

@Suite struct NamedProcessTests {
    @Test func unknownProcessIsLeftOut() {
        #expect(ProcessReading.take(of: [NamedProcess(name: "none", pid: .max)]).isEmpty)
    }

    /// A shell whose children burn the time: they count while they run, and when they are dead and
    /// waited for.
    @Test func timeOfChildrenCounts() async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo done; read line"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("done\n".utf8))
        let reading = try #require(ProcessReading.take(of: [NamedProcess(name: "shell", pid: process.processIdentifier)]).first)
        #expect(reading.cpuSeconds > 0.02)
        #expect(reading.residentBytes > 100_000)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

@Suite struct ThreadOccupationTests {
    @Test func busyThreadIsOccupied() throws {
        func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
        let start = now()
        let occupation = try #require(ThreadOccupation(now: start))
        #expect(occupation.share(now: start + 1) == nil)
        while now() < start + 400_000_000 {}
        #expect(try #require(occupation.share(now: now())).running > 0.1)
    }
}

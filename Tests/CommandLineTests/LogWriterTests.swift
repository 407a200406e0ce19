import Foundation
import Glibc
import Logging
import SaleCore
import SaleService
import ServerAssembly
import Synchronization
import Testing

@testable import seckill

/// Writers to real pipes. Nothing here waits for time to pass: who blocks, blocks until the test's
/// limit.
@Suite(.timeLimit(.minutes(1))) struct LogWriterTests {
    private static func line(_ number: Int) -> LogLine {
        // Longer than a pipe's page, all in all.
        LogLine(time: Timestamp(milliseconds: 0), level: .debug, label: "test", message: "\(number) " + String(repeating: "x", count: 200))
    }

    /// What comes out of `pipe` from now until `body` is over, as lines.
    private static func lines(of pipe: Pipe, while body: () -> Void) throws -> [Substring] {
        let read = Mutex(Data())
        let isOver = DispatchSemaphore(value: 0)
        let reading = pipe.fileHandleForReading.fileDescriptor
        let thread = Thread {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            // The call fills what it is given, and is told its size.
            while case let count = unsafe Glibc.read(reading, &bytes, bytes.count), count > 0 { read.withLock { $0 += bytes[..<count] } }
            isOver.signal()
        }
        thread.start()
        body()
        try pipe.fileHandleForWriting.close()
        isOver.wait()
        return String(decoding: read.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    }

    private static func writer(to pipe: Pipe) -> LogWriter {
        LogWriter(handle: pipe.fileHandleForWriting.fileDescriptor, format: .text)
    }

    /// The number of a line that `line` made.
    private static func number(_ line: Substring) -> Int? {
        line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }
    }

    @Test func linesComeOutWholeAndInOrder() throws {
        let pipe = Pipe()
        let lines = try Self.lines(of: pipe) {
            let writer = Self.writer(to: pipe)
            for number in 0..<100 { writer.append(Self.line(number)) }
            #expect(writer.flush(within: .seconds(30)))
        }
        #expect(lines.map(Self.number) == (0..<100).map { $0 })
    }

    @Test func whoLogsDoesNotWaitAndWhatDoesNotFitIsCountedAndSaid() throws {
        let pipe = Pipe()
        let writer = Self.writer(to: pipe)
        let count = 3 * Limits.logLinesWaitingMax
        // Nobody reads.
        for number in 0..<count { writer.append(Self.line(number)) }
        #expect(!writer.flush(within: .milliseconds(1)))
        let lines = try Self.lines(of: pipe) {
            #expect(writer.flush(within: .seconds(30)))
            // Later lines come again.
            writer.append(Self.line(count))
            #expect(writer.flush(within: .seconds(30)))
        }
        let dropped = try #require(lines.first { $0.contains("were dropped") }?.split(separator: "count=").last.flatMap { Int($0) })
        #expect(dropped > 0)
        #expect(lines.compactMap(Self.number).count + dropped == count + 1)
        #expect(lines.last.flatMap(Self.number) == count)
    }

    @Test func repetitionsAreToldByTheEndAtTheLatest() throws {
        let pipe = Pipe()
        let lines = try Self.lines(of: pipe) {
            let writer = Self.writer(to: pipe)
            var line = Self.line(1)
            line.level = .error
            for _ in 0..<50 { writer.append(line) }
            #expect(writer.flush(within: .seconds(30)))
        }
        #expect(lines.count == 2)
        #expect(lines.last?.hasSuffix(" repeated=49") == true)
    }

    @Test func aReaderThatHasGoneCostsItsLinesAndNothingElse() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let writer = Self.writer(to: pipe)
        try pipe.fileHandleForReading.close()
        for number in 0..<10 { writer.append(Self.line(number)) }
        #expect(writer.flush(within: .seconds(30)))
    }

    @Test func aDescriptorThatSomebodyMadeNonBlockingLosesNothing() throws {
        let pipe = Pipe()
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFL, O_NONBLOCK)
        let writer = Self.writer(to: pipe)
        let count = Limits.logLinesWaitingMax / 2
        for number in 0..<count { writer.append(Self.line(number)) }
        let lines = try Self.lines(of: pipe) { #expect(writer.flush(within: .seconds(30))) }
        #expect(lines.map(Self.number) == (0..<count).map { $0 })
    }
}

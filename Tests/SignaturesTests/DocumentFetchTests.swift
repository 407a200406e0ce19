import Foundation
import NIOCore
import Testing

@testable import Signatures

@Suite(.timeLimit(.minutes(1))) struct DocumentFetchTests {
    private static let ample = Duration.seconds(30)

    private static func read(_ url: URL, bytesMax: Int = 1_000, patience: Duration = ample) async throws(DocumentFetch.Failure) -> String {
        String(decoding: try await DocumentFetch.read(url, accept: "*/*", bytesMax: bytesMax, patience: patience), as: UTF8.self)
    }

    @Test func documentIsRead() async throws {
        try await withPublisher({ _ in .ok("hello") }) { publisher in
            let text = try await Self.read(publisher.url("/a?b=c"))
            #expect(text == "hello")
        }
    }

    @Test(arguments: [0, 1, 1_000]) func documentOfTheGreatestSizeIsRead(count: Int) async throws {
        let text = String(repeating: "x", count: count)
        try await withPublisher({ _ in .ok(text) }) { publisher in
            let read = try await Self.read(publisher.url("/"), bytesMax: count)
            #expect(read == text)
        }
    }

    @Test func longerDocumentIsNotReadToItsEnd() async throws {
        try await withPublisher({ $0 == "/endless" ? .endless : .ok(String(repeating: "x", count: 1_001)) }) { publisher in
            for path in ["/long", "/endless"] {
                await #expect(throws: DocumentFetch.Failure("answered with more than 1000 bytes")) { try await Self.read(publisher.url(path)) }
            }
        }
    }

    @Test(arguments: [204, 304, 400, 401, 404, 500, 503]) func otherStatusIsAFailure(status: Int) async throws {
        try await withPublisher({ _ in .status(status, location: "") }) { publisher in
            await #expect(throws: DocumentFetch.Failure("answered \(status)")) { try await Self.read(publisher.url("/")) }
        }
    }

    @Test func redirectWithinTheSchemeIsFollowed() async throws {
        try await withPublisher({ $0 == "/new" ? .ok("moved") : .status(302, location: "/new") }) { publisher in
            let text = try await Self.read(publisher.url("/old"))
            #expect(text == "moved")
            #expect(publisher.paths == ["/old", "/new"])
        }
    }

    @Test(arguments: ["https://127.0.0.1:1/", "ftp://127.0.0.1/"])
    func redirectToAnotherSchemeIsNotFollowed(location: String) async throws {
        try await withPublisher({ _ in .status(302, location: location) }) { publisher in
            await #expect(throws: DocumentFetch.Failure("answered 302 and names a place of another scheme")) {
                try await Self.read(publisher.url("/"))
            }
            #expect(publisher.paths == ["/"])
        }
    }

    /// FoundationNetworking takes it for a path of the same host.
    @Test func aRedirectToAFileReadsNone() async throws {
        try await withPublisher({ $0 == "/etc/hostname" ? .ok("the publisher's") : .status(302, location: "file:///etc/hostname") }) { publisher in
            let text = try await Self.read(publisher.url("/"))
            #expect(text == "the publisher's")
        }
    }

    @Test func redirectsEnd() async throws {
        try await withPublisher({ .status(302, location: $0 + "x") }) { publisher in
            await #expect(throws: DocumentFetch.Failure("answered 302 more than 5 times")) { try await Self.read(publisher.url("/")) }
            #expect(publisher.paths.count == 6)
        }
    }

    /// A byte now and then keeps a connection busy; the deadline stays where it is.
    @Test(arguments: ["/silence", "/dripping"]) func deadlineIsThatOfTheWhole(path: String) async throws {
        try await withPublisher({ $0 == "/silence" ? .silence : .dripping(String(repeating: "x", count: 900), every: .milliseconds(50)) }) {
            publisher in
            await #expect(throws: DocumentFetch.Failure("no answer within 0.3 seconds")) {
                try await Self.read(publisher.url(path), patience: .milliseconds(300))
            }
        }
    }

    @Test func whatEndsEarlyOrIsNotThereIsAFailure() async throws {
        try await withPublisher({ _ in .cut }) { publisher in
            await #expect(throws: DocumentFetch.Failure.self) { try await Self.read(publisher.url("/")) }
        }
        await #expect(throws: DocumentFetch.Failure.self) { try await Self.read(URL(string: "http://127.0.0.1:1/")!) }
    }

    @Test func aReadThatIsCancelledEnds() async throws {
        try await withPublisher({ _ in .silence }) { publisher in
            let url = publisher.url("/")
            let reading = Task { try await Self.read(url) }
            while publisher.paths.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            reading.cancel()
            await #expect(throws: DocumentFetch.Failure("cancelled")) { try await reading.value }
        }
    }

    @Test func manyReadsEndWhateverTheyMeet() async throws {
        let replies: [TestPublisher.Reply] = [.ok("x"), .endless, .silence, .cut, .status(302, location: "/0"), .status(503, location: "")]
        try await withPublisher({ replies[(Int($0.dropFirst()) ?? 0) % replies.count] }) { publisher in
            await withTaskGroup { group in
                for number in 0..<120 {
                    let url = publisher.url("/\(number)")
                    group.addTask { _ = try? await Self.read(url, patience: .milliseconds(number)) }
                }
            }
        }
    }
}

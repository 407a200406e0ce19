import Foundation
import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

/// Live stock on sockets: what a client of `GET /v1/sales/{sale}/events` hears, and when.
@Suite(.timeLimit(.minutes(3))) struct LiveStockTests {
    // MARK: Events

    @Test func `a stream begins with its retry and the sale, and is for everybody`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port, "/v1/sales/live/events", "Origin: https://evil.example")
            let (head, retry, sale) = try await stream.opening()
            #expect(head.status == 200)
            #expect(head["content-type"] == "text/event-stream")
            #expect(head["cache-control"] == "no-store")
            #expect(head["x-accel-buffering"] == "no")
            #expect(head["access-control-allow-origin"] == "*" && head["vary"] == nil)
            #expect(head["content-length"] == nil && head["transfer-encoding"] == nil && head["connection"] == "close")
            #expect(head["x-request-id"] != nil && head["date"] != nil)
            #expect(retry.flatMap { Int($0.data) }.map { (1_500...4_500).contains($0) } == true && retry?.name == "retry")
            #expect(sale?.name == "sale" && sale?.id?.hasPrefix("41.") == true)
            let page = try await StreamClient(front.port, "/v1/sales/live").problem()
            func comparable(_ text: String?) -> String? { text?.replacing(#/"server_time":"[^"]*"/#, with: "") }
            #expect(comparable(sale?.data) == comparable(page.body))
        }
    }

    @Test func `retries are by lot`() async throws {
        try await SocketFront.run(streams: StreamPlaces(perAddressMax: 100)) { front in
            front.show(StreamSample.snapshot())
            var retries: Set<String> = []
            for _ in 0..<20 { retries.insert(try await StreamClient(front.port).opening().retry?.data ?? "") }
            #expect(retries.count > 5)
        }
    }

    @Test func `a change comes as the items that changed, to each as to all`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let streams = [try await StreamClient(front.port), try await StreamClient(front.port)]
            let narrow = try await StreamClient(front.port, "/v1/sales/live/events?items=c%2Ca")
            var ids: Set<String> = []
            for stream in streams { ids.insert(try await stream.opening().sale?.id ?? "") }
            let items = try await narrow.opening().sale?.json()["items"] as? [[String: Any]]
            #expect(items?.compactMap { $0["sku"] as? String } == ["a", "c"])
            front.show(StreamSample.snapshot(["a": 1, "b": 0, "c": 3]))
            front.show(StreamSample.snapshot(["a": 1, "b": 0, "c": 3], committed: 1))
            for stream in streams {
                let event = try #require(try await stream.event())
                #expect(event.name == "stock" && event.available == ["b": 0] && event.state == "open")
                #expect(try event.json().keys.sorted() == ["available", "server_time", "state"])
                ids.insert(event.id ?? "")
            }
            front.show(StreamSample.snapshot(["a": 0, "b": 0, "c": 3]))
            for stream in streams { #expect(try await stream.event()?.available == ["a": 0]) }
            // It heard nothing of the other item.
            #expect(try await narrow.event()?.available == ["a": 0])
            front.show(StreamSample.snapshot(["a": 0, "b": 0, "c": 3], title: "Other"))
            for stream in streams + [narrow] {
                let event = try #require(try await stream.event())
                #expect(event.name == "sale")
                #expect(try event.json()["title"] as? String == "Other")
            }
            #expect(ids.count == 2)
        }
    }

    @Test func `many streams hear of units at their pace, and of a pause at once`() async throws {
        try await SocketFront.run {
            $0.streamPaceEach = 300_000_000
        } _: { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            #expect(try await stream.event()?.available == ["a": 9])
        }
        try await SocketFront.run {
            ($0.streamPaceEach, $0.streamPaceMax) = (3_600_000_000_000, 3_600_000_000_000)
        } _: { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3], status: .paused))
            let event = try #require(try await stream.event())
            #expect(event.state == "paused" && event.available == ["a": 9])
        }
    }

    @Test func `who comes back hears only of what changed`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let id = try #require(try await StreamClient(front.port).opening().sale?.id)
            let same = try await StreamClient(front.port, "/v1/sales/live/events", "Last-Event-ID: \(id)")
            #expect(try await same.head().status == 200)
            #expect(try await same.event()?.name == "retry")
            try await front.waitForStreams(1)
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            let next = try #require(try await same.event())
            #expect(next.name == "stock" && next.id != id)
            let behind = try await StreamClient(front.port, "/v1/sales/live/events", "Last-Event-ID: \(id)").opening()
            #expect(behind.sale?.name == "sale" && behind.sale?.id == next.id)
        }
    }

    @Test func `the clock opens and closes a sale on its streams`() async throws {
        try await SocketFront.run { front in
            let now = try await front.time()
            front.show(StreamSample.snapshot(opens: 400, closes: 900, now: now))
            let stream = try await StreamClient(front.port)
            #expect(try await stream.opening().sale?.state == "not_started")
            for (state, milliseconds) in [("open", Int64(400)), ("closed", 900)] {
                let event = try #require(try await stream.event())
                #expect(event.name == "stock" && event.state == state && event.available == [:])
                let told = try #require(Timestamp(rfc3339: try event.json()["server_time"] as? String ?? ""))
                #expect(told >= now.advanced(milliseconds: milliseconds))
            }
        }
    }

    @Test func `silence is broken by a comment, again and again`() async throws {
        try await SocketFront.run { limits in
            limits.streamSilence = 100_000_000
            limits.sweepInterval = 20_000_000
            limits.idle = 50_000_000
            limits.requestTotal = 50_000_000
        } _: { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            for _ in 0..<5 { #expect(try await stream.event() == StreamClient.Event(": .")) }
        }
    }

    @Test func `a sale that is no more says goodbye`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            front.pages.update([:])
            #expect(try await stream.event()?.name == "bye")
            #expect(try await stream.event() == nil)
            try await front.waitForStreams(0)
        }
    }

    // MARK: Refusals

    @Test func `what is no stream is told so`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            for (target, status, code) in [
                ("/v1/sales/none/events", 404, "unknown_sale"), ("/v1/sales/live/events?item=a", 422, "invalid_request"),
                ("/v1/sales/live/events?items=a&items=b", 422, "invalid_request"), ("/v1/sales/live/events?items=", 422, "invalid_request"),
                ("/v1/sales/live/events?items=a,none", 422, "invalid_request"), ("/v1/sales/live/events?items=A", 422, "invalid_request"),
                ("/v1/sales/live/events?items=" + Array(repeating: "a", count: 65).joined(separator: ","), 422, "invalid_request"),
            ] {
                let answer = try await StreamClient(front.port, target).problem()
                #expect(answer.status == status, "\(target)")
                #expect(try answer.json()["code"] as? String == code)
                #expect(answer["access-control-allow-origin"] == "*")
            }
            let head = try await StreamClient(front.port, method: "HEAD").head()
            #expect(head.status == 200 && head["content-type"] == "text/event-stream" && head["connection"] == nil)
            #expect(front.environment.streams.count == 0)
        }
    }

    @Test func `beyond the cap nobody is let in, and nobody sent away`() async throws {
        try await SocketFront.run(streams: StreamPlaces(max: 3, perAddressMax: 2)) { front in
            front.show(StreamSample.snapshot())
            func open(_ address: String) async throws -> StreamClient {
                try await StreamClient(front.port, "/v1/sales/live/events", "X-Forwarded-For: \(address)")
            }
            let first = [try await open("10.0.0.1"), try await open("10.0.0.1")]
            for stream in first { #expect(try await stream.opening().head.status == 200) }
            #expect(try await open("10.0.0.1").problem().status == 503)
            let third = try await open("10.0.0.2")
            #expect(try await third.opening().head.status == 200)
            var waits: Set<String> = []
            for number in 0..<30 {
                let answer = try await open("10.0.1.\(number)").problem()
                #expect(answer.status == 503)
                #expect(try answer.json()["code"] as? String == "overloaded")
                #expect(answer["link"] == "</v1/sales/live>; rel=\"alternate\"")
                #expect(answer["access-control-allow-origin"] == "*")
                let wait = try #require(answer["retry-after"])
                #expect(Int(wait).map { (5...30).contains($0) } == true)
                waits.insert(wait)
            }
            #expect(waits.count > 5)
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            for stream in first + [third] { #expect(try await stream.event()?.available == ["a": 9]) }
            // Who goes leaves his place.
            first[0].client.reset()
            try await front.waitForStreams(2)
            #expect(try await open("10.0.0.9").opening().head.status == 200)
        }
    }

    // MARK: Ends

    @Test func `a node that stops says when to come back, to each another time`() async throws {
        try await SocketFront.run(streams: StreamPlaces(perAddressMax: 100)) { front in
            front.show(StreamSample.snapshot())
            var streams: [StreamClient] = []
            for _ in 0..<20 {
                streams.append(try await StreamClient(front.port))
                _ = try await streams.last?.opening()
            }
            front.environment.drain.announce()
            var waits: [Int] = []
            for stream in streams {
                let bye = try #require(try await stream.event())
                #expect(bye.name == "bye" && bye.id == nil)
                waits.append(try #require(try bye.json()["retry_ms"] as? Int))
                #expect(try await stream.event() == nil)
            }
            let (least, most) = (try #require(waits.min()), try #require(waits.max()))
            #expect(least >= 1_500 && most - least >= 1_500)
            try await front.waitForStreams(0)
            let late = try await StreamClient(front.port).problem()
            #expect(late.status == 503)
            #expect(try late.json()["code"] as? String == "draining")
        }
    }

    @Test func `a server that stops at once says goodbye, too`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            front.quiesce()
            #expect(try await stream.event()?.name == "bye")
            #expect(try await stream.event() == nil)
            try await front.waitForConnections(0)
        }
    }

    @Test func `a client that does not read is cut off at the second event it leaves`() async throws {
        let bytes: Int32 = 4_096
        let units = Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("sku-\($0)", Int64(1)) })
        try await SocketFront.run(sendBufferBytes: bytes) {
            $0.streamSendBufferBytes = bytes
            // The deadline of who takes nothing would cut it off as well.
            $0.responseWrite = .max
        } _: { front in
            front.show(StreamSample.snapshot(units))
            let (deaf, reader) = (
                try await StreamClient(front.port, receiveBufferBytes: bytes), try await StreamClient(front.port, "/v1/sales/live/events?items=sku-7")
            )
            _ = try await reader.opening()
            try await front.waitForStreams(2)
            for (count, left) in [(Int64(2), 2), (3, 1)] {
                front.show(StreamSample.snapshot(units.merging(["sku-7": count]) { $1 }))
                #expect(try await reader.event()?.available == ["sku-7": Int(count)])
                try await front.waitForStreams(left)
            }
            try await front.waitForConnections(1)
            _ = deaf
        }
    }

    @Test func `what is sent on a stream is thrown away, up to a bound`() async throws {
        try await SocketFront.run {
            $0.lingerBytesMax = 100_000
        } _: { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            try await stream.client.send(WireRequest.purchase("1") + WireRequest.page("2"))
            _ = try await stream.opening()
            try await stream.client.send(WireRequest.purchase("3") + "no request at all\r\n\r\n")
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            #expect(try await stream.event()?.available == ["a": 9])
            try? await stream.client.send(String(repeating: "x", count: 200_000))
            try await front.waitForStreams(0)
        }
    }

    @Test func `a client that shuts its side has gone`() async throws {
        try await SocketFront.run { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port)
            _ = try await stream.opening()
            stream.client.shutOutput()
            try await front.waitForStreams(0)
            try await front.waitForConnections(0)
        }
    }

    /// The stream's request waits for its turn behind a purchase, and is read on from there.
    @Test func `a stream comes behind the answers before it`() async throws {
        try await SocketFront.run(commitsAtOnce: false) { front in
            front.show(StreamSample.snapshot())
            let stream = try await StreamClient(front.port, "/v1/sales/none")
            try await stream.client.send(WireRequest.purchase("1") + "GET /v1/sales/live/events HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await stream.problem().status == 404)
            try await front.waitForGrants(1)
            try await front.commit()
            try await front.waitForStreams(1)
            front.show(StreamSample.snapshot(["a": 9, "b": 2, "c": 3]))
            var names: [String?] = []
            for _ in 0..<3 { names.append(try await stream.event()?.name) }
            #expect(names.last == "stock")
            stream.client.shutOutput()
            try await front.waitForStreams(0)
        }
    }
}

import NIOHTTP1
import SaleCore
import ServerAssembly
import Testing

/// A stream of the whole service: from a purchase to the end of the node.
@Suite(.timeLimit(.minutes(2))) struct LiveStreamTests {
    @Test func aStreamHearsOfAPurchaseAndOfTheEnd() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 3)
            let stream = try await withService(over: stores, ["SECKILL_STREAMS_MAX": "1"]) { service in
                try await service.sees(sale, "open")
                let stream = try RawConnection(to: service.address.port)
                try stream.send("GET /v1/sales/\(sale)/events HTTP/1.1\r\nHost: h\r\n\r\n")
                let admin = "http://\(service.admin)"
                // Before that, whoever asks next would have the place.
                _ = try await service.eventually {
                    try await service.send(.GET, "/metrics", base: admin)
                } until: {
                    $0.text.contains("\nseckill_streams_open 1\n")
                }
                let refused = try await service.send(.GET, "/v1/sales/\(sale)/events")
                #expect(refused.status == 503 && refused.code == "overloaded")
                #expect(refused.header("Link") == "</v1/sales/\(sale)>; rel=\"alternate\"")
                #expect(try await service.send(.POST, "/v1/sales/\(sale)/events").status == 405)
                #expect(try await service.buy(sale, as: "ann").status == 201)
                _ = try await service.eventually {
                    try await service.send(.GET, "/v1/sales/\(sale)")
                } until: {
                    ($0.json["items"] as? [[String: Any]])?.first?["available"] as? Int == 2
                }
                #expect(try await service.send(.GET, "/metrics", base: admin).text.contains("\nseckill_stream_events_total{result=\"sent\"} "))
                return stream
            }
            let text = try await stream.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
            let names = text.matches(of: #/\nevent: ([a-z]+)\n/#).map { String($0.1) }
            #expect(names == ["sale", "stock", "bye"])
            #expect(text.contains("\"available\":3,") && text.contains("\"available\":{\"phone-x\":2}}\n\n"))
            #expect(text.contains("\nevent: bye\ndata: {\"retry_ms\":"))
        }
    }
}

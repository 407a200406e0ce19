package import Hummingbird
package import Logging
package import NIOCore
package import SaleCore
package import SaleService

/// What a request carries through Hummingbird.
package struct FrontContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package private(set) var requestID: RequestID
    package let channel: any Channel
    /// Who asks, on the admin port.
    package var caller: Operator?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        requestID = .number(.random(in: .min ... .max))
    }

    /// As the front has named the request, or a proxy in front of the admin port, which has no such
    /// front.
    ///
    /// - Parameter isNamed: the name is to be believed; else it gets one of its own.
    func named(as request: Request, isNamed: Bool) -> FrontContext {
        var context = self
        if isNamed, let id = RequestID(headerValues: request.headers[values: .requestID]) { context.requestID = id }
        context.logger[metadataKey: LogKey.requestID] = "\(context.requestID)"
        context.logger[metadataKey: LogKey.hummingbirdRequestID] = nil
        if let trace = TraceID(of: request) { context.logger[metadataKey: LogKey.trace] = "\(trace)" }
        return context
    }

    /// Writes what the request has done to an order, under the request's id.
    package func tell(_ message: String, of order: OrderID, _ more: Logger.Metadata = [:]) {
        logger.info("\(message)", metadata: more.merging([LogKey.order: "\(order)"]) { $1 })
    }
}

extension TraceID {
    init?(of request: Request) {
        guard let text = request.headers[.traceParent], let id = TraceID(headerValues: [text]) else { return nil }
        self = id
    }
}

/// What this server calls itself.
package enum ServerVersion {
    package static let name = "GoLive"
    package static let current = "0.1.0"
}

extension Application {
    var chatRoutes: [Route] { [] }
}
